"""Customers as the page knows them: by the names that they type, and by nothing else."""
