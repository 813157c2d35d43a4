"""What screens show of the past and of budgets, as values for a template."""
