"""Hold one file per map layer; the registry finds each ``LAYER``."""
