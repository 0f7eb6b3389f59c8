"""Check what a campaign requests before any work starts."""
