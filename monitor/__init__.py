"""The monitor: probing, the timeline, incidents and alerts."""
