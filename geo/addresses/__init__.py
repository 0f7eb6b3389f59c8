"""Compare a list of addresses with the Bureau's counts of homes, block by block."""
