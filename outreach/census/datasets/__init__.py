"""Hold one file for each Census dataset, found by its `DATASET`."""
