"""Small trees of source files, scanned in this process."""

from pathlib import Path

from qprof.runs.rules import RULES
from qprof.scan import Scanned, python_files, scan

MODELS = (Path(__file__).parent / "models.py.txt").read_text(encoding="utf-8")
IMPORTS = """\
from sqlalchemy import orm, select
from sqlalchemy.orm import Load, contains_eager, defaultload, joinedload, lazyload, raiseload
from sqlalchemy.orm import selectinload, subqueryload
from models import Album, Artist, Genre, Label, Track

"""
NAMES = {key: rule.id for rule in RULES for key in (rule.id, rule.name)}
IDS = [rule.id for rule in RULES]


def scanned(folder: Path, files: dict[str, str] | None = None) -> Scanned:
    """Return what the scan says of `folder`, with `files` written into it."""
    for name, text in (files or {}).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return scan(python_files([folder]), IDS, NAMES)


def found(result: Scanned, *, levels: bool = False) -> list[str]:
    """Return "QP101 search Artist.tracks Artist.albums" for each finding, sorted.

    With `levels`, its level comes first.
    """
    findings = [each.finding for each in result.suspects]
    told = ([each.level] if levels else [] for each in findings)
    parts = zip(told, findings, strict=True)
    return sorted(" ".join([*lead, each.rule, each.call, *each.paths]) for lead, each in parts)
