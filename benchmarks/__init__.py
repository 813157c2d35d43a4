"""Measurements: what the product costs, beside its peers. Run with `make bench`."""
