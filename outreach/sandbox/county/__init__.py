"""Invent a county: its ground, its people, and its census season."""
