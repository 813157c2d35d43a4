"""One outage, from the silent radio to the credit in the customer's balance, as people type it."""
