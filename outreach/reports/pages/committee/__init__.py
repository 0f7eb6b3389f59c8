"""Write the pack of a complete count committee: pages to print, and tables."""
