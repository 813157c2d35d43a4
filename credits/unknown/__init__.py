"""What waits because of unknown time, where that came from, and what two people take it for."""
