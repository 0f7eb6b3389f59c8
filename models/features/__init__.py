"""Turn tract profiles into model features."""
