"""Invent a county, its people and its census season."""
