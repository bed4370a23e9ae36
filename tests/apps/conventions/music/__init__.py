"""A music library's application, in the ways in which such applications hold their sessions."""
