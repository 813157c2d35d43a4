"""`rtmp`: a live stream plays."""
