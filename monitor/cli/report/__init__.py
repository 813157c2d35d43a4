"""`estado report`."""
