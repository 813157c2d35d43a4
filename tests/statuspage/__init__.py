"""Claims about the page: what it says, how it looks, how it is served."""
