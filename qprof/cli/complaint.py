"""An error as a person sees it: what is wrong, then a hint with the command to type next.

The sentence of a `QprofError` says both. Its advice begins with an imperative, in a sentence of
its own or behind a semicolon: this is the one place that tells the two apart.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import typer

from qprof.domain.errors import QprofError

TYPED: ContextVar[Sequence[str]] = ContextVar("TYPED", default=())
"""The words that were typed after `qprof`; Typer has no public way to ask for them."""
_UsageError: Any = typer.BadParameter.__base__
"""What Typer raises for wrong words; it exports but this child of it."""

_IMPERATIVES = (
    "Add",
    "Ask",
    "Call",
    "Check",
    "Choose",
    "Close",
    "Commit",
    "Did",
    "Fix",
    "Give",
    "Install",
    "Keep",
    "Known",
    "Leave",
    "List",
    "Look",
    "Lower",
    "Make",
    "Name",
    "Open",
    "Pass",
    "Print",
    "Put",
    "Raise",
    "Remove",
    "Rename",
    "Render",
    "Restore",
    "Return",
    "Run",
    "Say",
    "Save",
    "Scan",
    "Set",
    "Start",
    "Swap",
    "Take",
    "Turn",
    "Type",
    "Upgrade",
    "Use",
    "Wait",
    "Write",
)
_ADVICE = re.compile(
    rf"(?<=[.?)'\"]) (?=(?:{'|'.join(_IMPERATIVES)})\b)"
    rf"|; (?=(?:{'|'.join(_IMPERATIVES).lower()}|pip)\b)"
)
_SECRET = frozenset(
    {"-d", "--database", "--at", "--profile-from", "--login", "--header", "--cookie", "--body"}
    | {"--form", "--file", "--json", "--arg"}
)
"""Options whose values may hold a secret, or are long: they are not printed again."""
_HIDDEN = "…"


@contextmanager
def usage_told() -> Iterator[None]:
    """Turn Typer's error about wrong words into our two lines."""
    try:
        yield
    except _UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "qprof"
        wrong = error.format_message()
        if error.ctx is not None and wrong == error.ctx.get_help():
            # A group of commands that was given none: its help is the answer.
            typer.echo(wrong, err=True)
            raise typer.Exit(error.exit_code) from None
        typer.echo(f"error: {wrong}{'' if wrong.endswith(('.', '?')) else '.'}", err=True)
        typer.echo(f"hint: `{path} --help` says what it takes", err=True)
        raise typer.Exit(error.exit_code) from None


def complaint(error: QprofError) -> Iterator[str]:
    """Yield what is wrong, and what to type next: with the words that were typed, if known."""
    typed = TYPED.get()
    parts = _ADVICE.split(str(error), maxsplit=1)
    yield f"error: {parts[0]}"
    command = _repeated(error, typed)
    hints = [*parts[1:], *([f"`{command}`"] if command else [])]
    if hints:
        yield f"hint: {' '.join(hints)}"
    elif error.exit_code == QprofError.exit_code:
        command = " ".join(["qprof", *typed[: 2 if "baseline" in typed[:1] else 1]])
        yield f"hint: `{command} --help` says what it takes"


def _repeated(error: QprofError, typed: Sequence[str]) -> str:
    """Return the typed command with the wrong word exchanged, or with what is missing; else ""."""
    wrong, right = error.meant or ("", "")
    swapped = [_exchanged(word, wrong, right) for word in typed] if wrong else [*typed]
    if not typed or (swapped == [*typed] and not error.lacks):
        return ""
    shown = [_shown(word, before) for before, word in zip(["", *swapped], swapped, strict=False)]
    return " ".join(["qprof", *shown, *([error.lacks] if error.lacks else [])])


def _exchanged(word: str, wrong: str, right: str) -> str:
    """Return the word with the wrong name in it exchanged: whole, behind a sign, or in a list."""
    return re.sub(rf"(?<![\w.-]){re.escape(wrong)}(?![\w-])", lambda _: right, word, count=1)


def _shown(word: str, before: str) -> str:
    option, equals, _ = word.partition("=")
    if equals and option in _SECRET:
        return f"{option}={_HIDDEN}"
    if before == "--arg" and equals:
        return f"{option}={_HIDDEN}"
    return _HIDDEN if before in _SECRET else shlex.quote(word)
