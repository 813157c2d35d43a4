"""Forms of people who want to be told, and what they are answered with."""
