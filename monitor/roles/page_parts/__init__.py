"""What the page role has beside the publication: an inbox, names, and copies elsewhere."""
