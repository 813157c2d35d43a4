"""Claims about the shape of the code and of the tree."""
