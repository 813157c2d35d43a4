"""One night from the first failure to a year later, as a customer reads it."""
