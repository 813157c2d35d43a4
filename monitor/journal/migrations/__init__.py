"""How the schema came to be: each step is kept, none is ever edited."""
