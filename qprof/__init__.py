"""Measure what a SQLAlchemy loader strategy really costs: queries, rows and cells per call."""

__version__ = "0.1.0"
