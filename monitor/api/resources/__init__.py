"""The operations: documents, and which use case each of them calls."""
