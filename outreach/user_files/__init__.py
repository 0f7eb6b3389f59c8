"""Read the tables and maps that users bring, whatever program saved them."""
