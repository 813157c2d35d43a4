"""TLS: contexts, a stream over any stream, and what a certificate says."""
