"""What each plan of a call would fetch, by aggregates over its relationships; no product is run."""
