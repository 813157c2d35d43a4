"""Days as drawings: what happened on each, and how long answers took."""
