"""Read out tests, and decide by them."""
