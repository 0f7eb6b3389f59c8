"""Gather what the pack of a complete count committee shows."""
