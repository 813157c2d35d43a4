"""What people decide about credits, and whom clients' messages go to."""
