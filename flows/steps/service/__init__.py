"""Prepare what the service runs for planners: requests, days, and schedules."""
