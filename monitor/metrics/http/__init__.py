"""The operators' port: what the product tells of itself. One module a subject."""
