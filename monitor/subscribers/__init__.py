"""Subscribers: their requests taken up, and each told what concerns them, once."""
