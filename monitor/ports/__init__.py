"""What the engine asks of the outside world, as Protocols that adapters fulfil."""
