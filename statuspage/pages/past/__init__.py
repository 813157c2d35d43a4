"""The pages of months that are over."""
