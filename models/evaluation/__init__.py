"""Measure rules and forecasts on an archived season."""
