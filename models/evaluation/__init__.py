"""Measure rules and forecasts against an archived season."""
