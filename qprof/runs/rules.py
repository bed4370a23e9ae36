"""Every rule there is, and their pages."""

import re
from collections.abc import Sequence

from qprof.domain.errors import QprofError
from qprof.domain.registry import closest, suggestion
from qprof.judge.detectors import DETECTORS
from qprof.judge.rules.broken_limit import BrokenLimit
from qprof.judge.rules.pages import Documented, index, page
from qprof.scan.rules import OWN

RULES: tuple[Documented, ...] = tuple(
    sorted((BrokenLimit(), *DETECTORS, *OWN), key=lambda each: each.id)
)
"""In the order of their ids."""


def unknown_rule(name: str) -> QprofError:
    """Return the error for what is neither a rule's id nor its name."""
    keys = [key for rule in RULES for key in (rule.id, rule.name)]
    close = closest(name, keys)
    found = QprofError(f"Unknown rule {name!r}.{suggestion(close)} List all by: qprof rule.")
    found.meant = (name, close) if close else None
    return found


def choose_ids(select: Sequence[str], ignore: Sequence[str]) -> list[str]:
    """Return the ids of the rules that are selected (all where none is) and not ignored.

    Raises QprofError for one that does not exist; see `named_ids` for how they are named.
    """
    wanted, unwanted = named_ids(select), named_ids(ignore)
    chosen = [rule.id for rule in RULES if not select or rule.id in wanted]
    return [each for each in chosen if each not in unwanted]


def named_ids(names: Sequence[str]) -> list[str]:
    """Return the ids of what is named: by id, by name, by how ids begin (QP4), or by a comma list.

    Raises QprofError for what names no rule.
    """
    found: list[str] = []
    for name in (each.strip() for text in names for each in text.split(",")):
        begins = [
            rule.id
            for rule in RULES
            if re.fullmatch(r"QP\d*", name) and rule.id[: len(name)] == name
        ]
        own = begins or [rule.id for rule in RULES if rule.name == name]
        if not own:
            raise unknown_rule(name)
        found += own
    return found


def rule_text(words: Sequence[str]) -> str:
    """Return the page of the rule that is meant, by its id, its name, or words of its page.

    Where several are meant, or nothing is said, it is the list of them. Raises QprofError where
    none is.
    """
    found = _meant(" ".join(words)) if words else list(RULES)
    return page(found[0]) if len(found) == 1 else index(found)


def _meant(text: str) -> list[Documented]:
    said = _letters(text)
    named = [rule for rule in RULES if said in (_letters(rule.id), _letters(rule.name))]
    begun = [rule for rule in RULES if rule.id.lower().startswith(said)]
    words = re.findall(r"[a-z0-9]+", said)
    in_name = [rule for rule in RULES if words and _has(words, rule.name)]
    in_page = [rule for rule in RULES if words and _has(words, page(rule))]
    found = named or begun or in_name or in_page
    if not found:
        raise unknown_rule(text)
    return found


def _letters(text: str) -> str:
    """Return a text in lower case, its words apart: "N+1" is "n plus 1", as "n-plus-one" is."""
    plus = text.lower().replace("+", " plus ").replace("one", "1")
    return " ".join(re.findall(r"[a-z0-9]+", plus))


def _has(words: Sequence[str], text: str) -> bool:
    there = _letters(text).split()
    return all(any(each.startswith(word) for each in there) for word in words)
