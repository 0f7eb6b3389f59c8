"""Draw the charts and maps of a report."""
