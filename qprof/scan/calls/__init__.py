"""What the functions of a file load, followed through names, branches and helpers."""
