"""What follows from the keys in the rows of a call, without another run."""
