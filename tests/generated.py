"""The generated blocks of README.md and docs/; `python -m tests.generated` writes them anew.

`python -m tests.generated rules.md` writes that page alone. A rule without a section gets one.

A block stands between `<!-- begin: qprof … -->` and `<!-- end -->`; the commands run one after
the other in a folder with nothing but the library `music.db` of `tests/apps/conventions`. Times
differ from run to run, so `drift` masks them, and the plan that they recommend. A block
`<!-- begin: code FILE NAME… -->` shows definitions of a file of that application.
"""

import ast
import difflib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from typer.testing import CliRunner

from qprof.cli.app import app
from qprof.runs.rules import RULES

ROOT = Path(__file__).resolve().parent.parent
CONVENTIONS = ROOT / "tests" / "apps" / "conventions"
BLOCK = re.compile(r"<!-- begin: ((?:qprof|code) [^>]*?) -->\n.*?<!-- end -->", re.DOTALL)
_UNCLEAR = r"\S+ ms(?:, \S+ ms)*: the growth is unclear: add\s+sizes\s+or\s+repeats"
MASKS = (
    (re.compile(r"(?<= ms) {2,}\d.*$", re.MULTILINE), ""),
    (re.compile(r"SQLAlchemy \S+, |Python \S+ "), ""),
    (re.compile(r"^(?:Use|Keep) .*$", re.MULTILINE), "Use #"),
    (re.compile(r" plan +ms +min .*?(?=\n\n)", re.DOTALL), ""),
    (re.compile(r"^note  with network latency .*$", re.MULTILINE), ""),
    (re.compile(r"^one warm run: .*$", re.MULTILINE), ""),
    (re.compile(r"[\d,]+\.\d(?!\d)"), "#"),
    (re.compile(r"(?<=\S) {2,}"), "  "),
    (re.compile(r"medians of [\d to]+ repeats?"), "medians"),
    (re.compile(rf"\n\n{_UNCLEAR}(?=\n\n)|\n{_UNCLEAR}"), ""),
)
_TIMED = re.compile(r"^ +call .* ms\n(?:.+\n)*", re.MULTILINE)
"""A table of calls whose last column is a time."""


def files() -> list[Path]:
    """Return every page that holds generated blocks."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [each for each in pages if BLOCK.search(each.read_text(encoding="utf-8"))]


def written(text: str, folder: Path, *, quick: bool = False) -> str:
    """Return `text` with each block's command run again in `folder`.

    With `quick`, plans are timed twice where the command says nothing else: times differ anyhow.
    """
    if "qprof" in text and "music." in text:
        fill = "import pathlib, music.filling as f; f.fill(pathlib.Path('music.db'))"
        subprocess.run(
            [sys.executable, "-c", fill], cwd=folder, env=_environment(folder), check=True
        )
    return BLOCK.sub(lambda found: _block(found.group(1), folder, quick=quick), text)


def _block(command: str, folder: Path, *, quick: bool) -> str:
    first, *rest = shlex.split(command)
    text = _code(*rest) if first == "code" else _output(command, folder, quick=quick)
    return f"<!-- begin: {command} -->\n{text}\n<!-- end -->"


def _code(file: str, *names: str) -> str:
    source = (CONVENTIONS / file).read_text(encoding="utf-8")
    found = {
        node.name: node
        for node in ast.parse(source).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    }
    lines = source.splitlines()
    parts = ["\n".join(lines[_first(found[each]) - 1 : found[each].end_lineno]) for each in names]
    whole = "\n\n\n".join(parts)
    return f"```python\n# {file}\n{whole}\n```"


def _first(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "COLUMNS": "80",
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PYTHONPATH": os.pathsep.join([str(CONVENTIONS), *sys.path]),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }


def _output(command: str, folder: Path, *, quick: bool) -> str:
    _, *arguments = shlex.split(command)
    if arguments[0] == "rule" or "--help" in arguments:
        said = CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments, prog_name="qprof").output
    else:
        more = ["--repeat", "2"] if quick and _repeats(arguments) else []
        said = _process([*arguments, *more], folder)
    text = said.replace("python -m qprof", "qprof").replace(f"{folder}/", "").strip()
    return f"```text\n$ {command}\n{text}\n```"


def _repeats(arguments: list[str]) -> bool:
    return arguments[0] == "compare" and "--repeat" not in arguments


def _process(arguments: list[str], folder: Path) -> str:
    return subprocess.run(
        [sys.executable, "-m", "qprof", *arguments],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout


def masked(text: str) -> str:
    """Return `text` without what may differ between two runs."""
    text = _TIMED.sub(lambda found: re.sub(r" +\S+\n", "\n", found.group()), text)
    text = re.sub(r"\n +", " ", text)
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return " ".join(text.split())


def drift(file: Path) -> str:
    """Return the words in which the blocks of a page differ from what the commands print."""
    old = file.read_text(encoding="utf-8")
    words = masked(old).split(), masked(_fresh(old, quick=True)).split()
    return "\n".join(line for line in difflib.ndiff(*words) if line[0] != " ")


def _fresh(old: str, *, quick: bool = False) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return written(old, Path(folder), quick=quick)


def with_rules(text: str) -> str:
    """Return the page of the rules with an empty section for each rule that it does not have."""
    before, *sections = re.split(r"^(?=## )", text.rstrip("\n") + "\n\n", flags=re.MULTILINE)
    sections += [
        f"## {rule.id}\n\n<!-- begin: qprof rule {rule.id} -->\n<!-- end -->\n\n"
        for rule in RULES
        if f"## {rule.id}\n" not in text
    ]
    return (before + "".join(sorted(sections))).rstrip("\n") + "\n"


def main(names: Sequence[str]) -> None:
    """Write the pages of these names anew; all, if there are none."""
    for page in files():
        if not names or page.name in names:
            text = page.read_text(encoding="utf-8")
            text = with_rules(text) if page.name == "rules.md" else text
            page.write_text(_fresh(text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
