"""Lay out the ground of the invented county."""
