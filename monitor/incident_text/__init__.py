"""The texts of incidents, for people."""
