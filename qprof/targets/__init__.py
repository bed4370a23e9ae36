"""What is measured: the user's code, requests, programs, databases and settings."""
