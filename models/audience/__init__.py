"""Describe who lives in the targets and whom online ads miss."""
