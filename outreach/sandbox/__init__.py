"""A small Census API and file server on loopback: an invented county, or a real archive replayed day by day."""
