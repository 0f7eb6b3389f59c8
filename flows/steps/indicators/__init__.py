"""Bring the figures of tracts that a campaign has in files of its own."""
