"""Read what ad platforms report back, keep it, and reconcile it with the plan."""
