"""Choose what the budget buys: units, arms, and money."""
