"""Learn a season model from an archived season."""
