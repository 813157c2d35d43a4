"""What billing and its customers read of credits, in Spanish."""
