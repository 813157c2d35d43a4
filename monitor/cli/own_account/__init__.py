"""One's own account at a door: its sessions, its password, its second factor."""
