"""Expect the response of a census that has not begun."""
