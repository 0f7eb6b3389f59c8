"""Run flows on Prefect: tasks, server and progress."""
