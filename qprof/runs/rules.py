"""Every rule there is, and their pages."""

from collections.abc import Sequence

from qprof.domain.errors import QprofError
from qprof.domain.registry import nearest
from qprof.judge.detectors import DETECTORS
from qprof.judge.rules.pages import Documented, index, page
from qprof.scan.rules import OWN

RULES: tuple[Documented, ...] = tuple(sorted((*DETECTORS, *OWN), key=lambda each: each.id))
"""In the order of their ids."""


def unknown_rule(name: str) -> QprofError:
    """Return the error for what is neither a rule's id nor its name."""
    close = nearest(name, [key for rule in RULES for key in (rule.id, rule.name)])
    known = ", ".join(f"{rule.id} {rule.name}" for rule in RULES)
    return QprofError(f"Unknown rule {name!r}.{close} Known: {known}.")


def choose_ids(select: Sequence[str], ignore: Sequence[str]) -> list[str]:
    """Return the ids of the rules that are selected (all where none is) and not ignored.

    Raises QprofError for one that does not exist.
    """
    known = {key for rule in RULES for key in (rule.id, rule.name)}
    for name in (*select, *ignore):
        if name not in known:
            raise unknown_rule(name)
    chosen = [rule for rule in RULES if not select or {rule.id, rule.name} & set(select)]
    return [rule.id for rule in chosen if not {rule.id, rule.name} & set(ignore)]


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
