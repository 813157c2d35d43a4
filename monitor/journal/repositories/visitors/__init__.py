"""What visitors of the page ask for and say, as it is stored."""
