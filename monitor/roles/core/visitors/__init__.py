"""What visitors of the page ask for, as the core takes it up and hands it back."""
