"""Write the pages about a test of ads and what it showed."""
