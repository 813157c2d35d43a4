"""Classifying downtime: proposed with evidence, decided by another person who saw its effect."""
