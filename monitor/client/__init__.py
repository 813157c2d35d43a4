"""The terminal's side of a door elsewhere: what commands ask, and how it is asked over HTTP."""
