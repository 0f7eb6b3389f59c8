"""One file per score; registry.discover finds each `SCORE`."""
