"""What the core does about money beside its decisions: months closed, credits applied."""
