"""Hold the readers: one file for each platform, found by its `READER`."""
