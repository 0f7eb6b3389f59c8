"""Write what a run shows: lists, tables, map, and manifest."""
