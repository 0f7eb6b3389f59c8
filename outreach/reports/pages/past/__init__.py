"""Write the pages about past seasons: backtests and drills."""
