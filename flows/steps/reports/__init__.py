"""Read a run's tables and write its pages."""
