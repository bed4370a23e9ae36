"""A small program of somebody else's: it knows nothing of qprof."""
