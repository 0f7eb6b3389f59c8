"""Write what turns an uploaded list into a new one, in each platform's own form."""
