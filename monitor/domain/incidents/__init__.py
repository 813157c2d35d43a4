"""What is said of failures, to whom: incidents, and the messages about them."""
