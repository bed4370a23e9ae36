"""Loader options rewritten in place, by libcst."""
