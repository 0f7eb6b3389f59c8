"""Look at runs, and draw what they found."""
