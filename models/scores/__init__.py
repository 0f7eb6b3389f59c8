"""Score tracts, one file per score; the registry finds each ``SCORE``."""
