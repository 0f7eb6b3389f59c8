"""One file per Census dataset; registry.discover finds each `DATASET`."""
