"""Answer programs: what the pages have, as JSON."""
