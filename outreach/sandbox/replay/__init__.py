"""Replay a real season from published rates and real data."""
