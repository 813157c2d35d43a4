"""What the product measures of itself, and the operators' port."""
