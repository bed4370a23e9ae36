"""All that reads private names of SQLAlchemy: statements, options, paths."""
