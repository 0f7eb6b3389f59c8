"""Step through a drill: its book, its days, and what came of them."""
