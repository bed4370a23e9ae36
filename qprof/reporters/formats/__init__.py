"""The members of `REPORTERS`, one file for each; none imports another."""
