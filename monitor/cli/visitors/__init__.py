"""Commands about what visitors of the page ask for and say."""
