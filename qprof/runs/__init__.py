"""The use cases: each joins the parts and returns a result.

A door imports the one that it calls, when it is called: `rule`, `scan` and `report` then start
without SQLAlchemy.
"""
