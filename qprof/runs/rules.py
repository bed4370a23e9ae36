"""The pages of the rules."""

from qprof.detectors.pages import index, page
from qprof.registry import lookup
from qprof.runs.catalogue import RULES


def rule_text(identifier: str | None) -> str:
    """Return the page of the rule with this id or name; the list of all where None.

    Raises QprofError where there is no such rule.
    """
    if identifier is None:
        return index(RULES)
    names = {rule.name: rule for rule in RULES}
    if identifier in names:
        return page(names[identifier])
    return page(lookup("rule", identifier.upper(), {rule.id: rule for rule in RULES}))
