"""The randomized test in a list: its arms, its dates, and whether it can be read out."""
