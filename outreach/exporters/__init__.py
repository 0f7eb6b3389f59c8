"""The outlet: one file per ad platform or file form; registry.discover finds each `EXPORTER`."""
