"""By what subscribers are told: a file for each kind."""
