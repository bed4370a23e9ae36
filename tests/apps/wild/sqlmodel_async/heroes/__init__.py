"""See tests/cli/test_first_hour.py."""
