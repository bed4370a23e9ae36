"""The sample app: a music library with its models, repositories and seeding.

It imports nothing of qprof, as proof that a user's own app needs nothing special.
"""
