"""The history over HTTP, for operators."""
