"""Fit season models on archived rates."""
