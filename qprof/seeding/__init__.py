"""What is measured on: the sample library, and recipes of the shape of a database."""
