"""The product behind a door elsewhere: what commands ask, as operations of its API."""
