"""What a month that goes on will come to: for whoever can still do something about it."""
