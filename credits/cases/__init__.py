"""Cases: a billing calculation as a file that a person can write and compute again."""
