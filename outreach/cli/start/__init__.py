"""Begin campaigns and run them."""
