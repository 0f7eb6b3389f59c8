"""Hold the tables of a report set and measure districts."""
