"""Write the data that may be published."""
