"""Write the pages of a report set."""
