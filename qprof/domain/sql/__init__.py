"""What a SQL text says: its shape, and what kind of statement it is."""
