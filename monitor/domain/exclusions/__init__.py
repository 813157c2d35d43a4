"""What takes time out of a guarantee, and who decided that it does."""
