"""What a call costs, as written and under other plans."""
