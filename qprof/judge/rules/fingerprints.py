"""What makes two findings the same defect in two runs."""

from collections.abc import Iterable
from hashlib import sha256


def finding_fingerprint(rule: str, call: str, paths: Iterable[str], subject: str = "") -> str:
    """Return 16 hex digits of the rule, the call and the paths: no counts and no lines.

    `subject` tells findings without a path apart: what the statement reads.
    """
    text = "\n".join([rule, call, *sorted(paths), subject])
    return sha256(text.encode()).hexdigest()[:16]
