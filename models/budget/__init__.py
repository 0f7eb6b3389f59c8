"""Split a budget over units and channels."""
