"""The core role."""
