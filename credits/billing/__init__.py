"""From an approved credit to the customer's balance in the billing panel."""
