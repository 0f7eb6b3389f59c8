"""Write the sentences of a report in each language."""
