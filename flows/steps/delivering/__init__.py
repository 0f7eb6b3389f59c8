"""Compare what ad platforms delivered with approved lists."""
