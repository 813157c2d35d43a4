"""What the monitor finds wrong with itself, and tells its operators."""
