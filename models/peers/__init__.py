"""Expect rates from similar tracts, and explain the expectation."""
