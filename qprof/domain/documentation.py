"""Where the documentation is on the web: the one place, for terminals, SARIF and the package."""

DOCUMENTATION = "https://sqlalchemy-qprof.readthedocs.io/en/stable/"
"""The site that `make site` builds; `pyproject.toml` names it too, for package indexes."""


def rule_page(rule: str) -> str:
    """Return the address of a rule's page; it stays the same in every version."""
    return f"{DOCUMENTATION}rules/{rule}/"
