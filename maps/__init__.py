"""Draw maps of tracts: offline pages and pictures."""
