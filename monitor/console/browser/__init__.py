"""What a browser sends, from where it may come, and by which cookie it is known."""
