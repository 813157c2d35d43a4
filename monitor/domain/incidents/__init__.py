"""What is reported about failures, and to whom: incidents, and the messages about them."""
