"""Limits that hold wherever qprof runs a call, or asks a database itself."""

MAX_ROWS = 1_000_000
"""Rows up to which `compare` runs a plan, and up to which a prediction counts or fetches any."""
