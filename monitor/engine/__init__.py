"""Use cases over the ports: what the monitor does, without knowing with what."""
