"""Carry counts and rates from one set of areas to another."""
