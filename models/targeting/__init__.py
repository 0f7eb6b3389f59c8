"""Order tracts by priority and choose those that the budget buys."""
