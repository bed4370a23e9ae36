"""What --fix does to each file: its new content, a diff to review, and what it leaves alone."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from qprof.scan.fixing.renaming import renamed
from qprof.scan.fixing.text import Refused
from qprof.scan.source_file import TOO_DEEP
from qprof.scan.static_rule import LoaderChange, Suspicion


@dataclass(frozen=True)
class Patch:
    """One file's new content."""

    file: Path
    shown: str
    old: bytes
    new: bytes
    encoding: str
    changes: int
    """How many loader calls are renamed."""

    @property
    def diff(self) -> str:
        """The change as git apply and patch -p1 take it."""
        old, new = self.old.decode(self.encoding), self.new.decode(self.encoding)
        lines = difflib.unified_diff(
            _lines(old), _lines(new), f"a/{self.shown}", f"b/{self.shown}", n=3
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )


@dataclass(frozen=True)
class Patches:
    """What can be done, and why the rest is not."""

    files: tuple[Patch, ...]
    kept: tuple[str, ...]
    """A sentence for each option that is left alone."""


def patches(suspects: Iterable[Suspicion]) -> Patches:
    """Return the changes that `suspects` ask for, file by file; nothing is written."""
    suspects = list(suspects)
    kept = [_kept(each) for each in suspects if each.kept]
    made = []
    for file, changes in _by_file(suspects).items():
        patch = _patch_or_reason(file, changes)
        if isinstance(patch, Patch):
            made.append(patch)
        else:
            kept.append(f"{file} is left as it is: {patch}.")
    return Patches(tuple(made), tuple(dict.fromkeys(kept)))


def _kept(suspect: Suspicion) -> str:
    site = suspect.finding.location
    where = site.place if site else suspect.finding.call
    return f"{where}: {suspect.kept}; that is left to you."


def _by_file(suspects: list[Suspicion]) -> dict[str, list[LoaderChange]]:
    """Return the changes of each file; what a neighbour does (QP501) is done, else selectinload."""
    found: dict[str, dict[tuple[int, int], LoaderChange]] = {}
    for suspect in sorted(suspects, key=lambda each: each.finding.rule, reverse=True):
        for change in suspect.changes:
            places = found.setdefault(change.place.file, {})
            places.setdefault((change.place.line, change.place.column), change)
    return {file: list(places.values()) for file, places in sorted(found.items())}


def _patch_or_reason(shown: str, changes: list[LoaderChange]) -> Patch | str:
    try:
        return _patch(shown, changes)
    except Refused as error:
        return str(error)
    except RecursionError:
        return TOO_DEEP


def _patch(shown: str, changes: list[LoaderChange]) -> Patch:
    file = Path(shown)
    try:
        old = file.read_bytes()
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror}") from None
    new, encoding = renamed(old, changes, exports=file.name == "__init__.py")
    return Patch(file, shown, old, new, encoding, len(changes))


def _lines(text: str) -> list[str]:
    """Return the lines with their ends; only a line feed ends one, as for patch."""
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + ([last] if last else [])
