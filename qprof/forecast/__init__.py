"""What a call would cost: under other plans, and as the data grows."""
