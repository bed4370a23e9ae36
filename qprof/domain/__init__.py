"""The nouns: what was seen, what was concluded, and the words that every part uses."""
