"""Reports: one page for each district with an index, a season summary, an open-data folder, and mails that carry them."""
