"""Keep what earlier runs computed, by the content that it was computed from."""
