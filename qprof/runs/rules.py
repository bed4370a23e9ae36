"""The pages of the rules."""

from qprof.judge.rules.pages import index, page
from qprof.runs.catalogue import RULES, unknown_rule


def rule_text(identifier: str | None) -> str:
    """Return the page of the rule with this id or name; the list of all where None.

    Raises QprofError where there is no such rule.
    """
    if identifier is None:
        return index(RULES)
    rules = {key.lower(): rule for rule in RULES for key in (rule.id, rule.name)}
    if identifier.lower() not in rules:
        raise unknown_rule(identifier)
    return page(rules[identifier.lower()])
