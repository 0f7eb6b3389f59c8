"""Read more out of a test: dose, spill-over, checks of robustness, looks, and several cities."""
