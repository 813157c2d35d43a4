"""What somebody does to the account that is signed in, having shown that it is oneself."""
