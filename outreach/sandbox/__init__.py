"""Serve an invented county or a replayed season as the Census Bureau's servers would."""
