"""One file per map layer; registry.discover finds each `LAYER`."""
