"""What evaluation, incidents and the page share about the present, and how it is dated."""
