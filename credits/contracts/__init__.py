"""Contracts: what customers rent and were promised."""
