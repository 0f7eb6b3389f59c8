"""Keep the service, its data, and its users."""
