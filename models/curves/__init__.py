"""Say what seasons do: response curves, pace, drift and the forecast."""
