"""Accounts of people and programs, and what each may do."""
