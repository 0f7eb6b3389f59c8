"""Read out a test: its effect, its checks, and its looks."""
