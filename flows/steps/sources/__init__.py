"""Gather what a campaign pulls and join it into tracts."""
