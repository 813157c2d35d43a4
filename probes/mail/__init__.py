"""The kinds `smtp`, `imap` and `pop3`, and what they share."""
