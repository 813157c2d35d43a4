"""What a process gets from its machine: clock, logs, signals, servers, files."""
