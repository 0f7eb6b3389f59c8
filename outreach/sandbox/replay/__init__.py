"""Replay a real census season day by day."""
