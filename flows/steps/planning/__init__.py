"""Plan for a census before it begins."""
