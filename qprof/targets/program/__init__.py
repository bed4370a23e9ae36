"""Profiles a program that knows nothing of qprof: what runs inside of it, and what reads that.

`inject`, `child`, `ledger`, `store` and `attribution` run in the program's processes, on whatever
interpreter and SQLAlchemy those have. `launch` and `traces` run in qprof's own.
"""
