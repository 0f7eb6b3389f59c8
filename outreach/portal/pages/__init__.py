"""Answer the addresses of the portal, one file for each noun."""
