"""Write district pages, season summaries, open data and mails from a run's tables."""
