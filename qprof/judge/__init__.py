"""From a `Trace` to a `Report`: rules, verdicts, budgets. Arithmetic alone."""
