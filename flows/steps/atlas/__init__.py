"""Gather what the atlas shows."""
