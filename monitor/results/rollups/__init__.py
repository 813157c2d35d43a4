"""Latencies by hour and by local day."""
