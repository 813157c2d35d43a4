"""The console: pages for people with accounts, over the same use cases as the API."""
