"""Transport, resolver and address guard shared by the probes."""
