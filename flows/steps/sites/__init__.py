"""Bring the places where people get help from files of the campaign's own."""
