"""What people do about credits: find them, ask for them by ticket, review, approve and reject."""
