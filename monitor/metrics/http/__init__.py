"""The operators' port: what the product publishes of itself. One module a subject."""
