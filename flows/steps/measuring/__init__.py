"""Measure what the ads of a test did."""
