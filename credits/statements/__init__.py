"""What a month says to one client, and links by which that client may read it."""
