"""Work on the tables of several crafts, without Prefect."""
