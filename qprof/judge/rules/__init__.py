"""What the rules share: what a rule is, its page, its words and its thresholds."""
