"""Forecast response: curves, pace, drift, and the final rate."""
