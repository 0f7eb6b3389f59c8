"""List the tracts of every archived county by what is held of it."""
