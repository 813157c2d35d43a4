"""What evaluation, incidents and the page share of the present, and how it is dated."""
