"""What qprof itself costs."""
