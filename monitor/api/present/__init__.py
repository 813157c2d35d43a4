"""What is so now: the core's state, what is open, the monitor's own faults, the budgets used."""
