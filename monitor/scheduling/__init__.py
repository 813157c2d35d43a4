"""When a check runs: due times, queues, one check run at a time, and whether our own line works."""
