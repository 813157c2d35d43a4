"""Money, terms and availability: uptime credits that explain themselves."""
