"""How much: the statistical models, from features to priority and budget."""
