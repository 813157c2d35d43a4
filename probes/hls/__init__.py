"""`hls`: a live playlist advances."""
