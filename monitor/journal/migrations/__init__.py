"""The migrations that made the schema: each one stays, none is ever edited."""
