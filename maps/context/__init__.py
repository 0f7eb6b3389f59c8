"""Put roads, rails, water, parks, and names into a map file."""
