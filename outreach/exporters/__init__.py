"""Hold the exporters: one file for each ad platform or file format."""
