"""Draw where a list of addresses and the Bureau's counts part."""
