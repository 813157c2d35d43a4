"""What customers ask of the page: whether a failure concerns them, and that something fails."""
