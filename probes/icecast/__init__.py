"""`icecast`: a radio stream plays."""
