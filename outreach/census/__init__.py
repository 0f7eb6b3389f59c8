"""Request any declared dataset from the Census Data API."""

from outreach.census.client import (
    count_requests,
    discover_datasets,
    fetch_dataset,
    fetch_profiles,
    fetch_rates,
)

__all__ = ["count_requests", "discover_datasets", "fetch_dataset", "fetch_profiles", "fetch_rates"]
