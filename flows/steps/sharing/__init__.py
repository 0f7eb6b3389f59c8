"""Share archive, runs, and approvals with the other machines of a team."""
