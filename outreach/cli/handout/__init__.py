"""Approve lists, and hand them out."""
