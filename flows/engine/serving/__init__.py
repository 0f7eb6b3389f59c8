"""Keep the service running: Prefect's server, processes, jobs, and notices."""
