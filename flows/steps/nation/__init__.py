"""List the tracts of every archived county from its rates alone."""
