"""When: the Prefect flows, the only ring that knows the order of work."""
