"""Say what similar tracts do: the peer expectation and its reasons."""
