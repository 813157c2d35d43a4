"""The pages of what is over, as files beside the live publication."""
