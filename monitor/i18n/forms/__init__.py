"""What each language must be able to say, a form a subject; what is missing is a type error."""
