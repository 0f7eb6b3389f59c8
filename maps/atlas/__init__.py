"""Draw an overview of counties and a page for each."""
