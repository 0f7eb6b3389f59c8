"""Draw the map page of one run."""
