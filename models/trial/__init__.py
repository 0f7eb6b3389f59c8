"""Design and read out a randomized test of the ads."""
