"""How the tables came to be what they are, one step at a time."""
