"""The generated blocks of README.md and docs/; `python -m tests.generated` writes them anew.

A block stands between `<!-- begin: qprof … -->` and `<!-- end -->`; the commands run one after
the other in a folder with nothing but the library `music.db` of `tests/apps/conventions`. Times
differ from run to run, so `outdated` masks them, and the plan that they recommend. A block
`<!-- begin: code FILE NAME… -->` shows definitions of a file of that application.
"""

import ast
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONVENTIONS = ROOT / "tests" / "apps" / "conventions"
BLOCK = re.compile(r"<!-- begin: ((?:qprof|code) [^>]*?) -->\n.*?<!-- end -->", re.DOTALL)
MASKS = (
    (re.compile(r"SQLAlchemy \S+, |Python \S+ "), ""),
    (re.compile(r"use \w+, .*? same objects\."), "use #"),
    (re.compile(r",? [\w-]+ from (?:the first|[\d.,]+ (?:ms|s|µs))\b"), ""),
    (re.compile(r"[\d,]+\.\d(?!\d)"), "#"),
    (re.compile(r"medians of [\d to]+ repeats?"), "medians"),
    (re.compile(r"the cold first took [\d.,]+(?: to [\d.,]+)? times that"), "the cold first"),
    (re.compile(r"^(\S+ ms) .*$|^ms of .*$", re.MULTILINE), r"\1"),
    (re.compile(r"\n> "), "\n"),
    (re.compile(r" · "), " "),
)


def files() -> list[Path]:
    """Return every page that may hold generated blocks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def written(text: str, folder: Path) -> str:
    """Return `text` with each block's command run again in `folder`."""
    if "qprof" in text and "music." in text:
        fill = "import pathlib, music.filling as f; f.fill(pathlib.Path('music.db'))"
        subprocess.run(
            [sys.executable, "-c", fill], cwd=folder, env=_environment(folder), check=True
        )
    return BLOCK.sub(lambda found: _block(found.group(1), folder), text)


def _block(command: str, folder: Path) -> str:
    first, *rest = shlex.split(command)
    text = _code(*rest) if first == "code" else _output(command, folder)
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


def _output(command: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    text = done.stdout.replace("python -m qprof", "qprof").replace(f"{folder}/", "").strip()
    return f"```text\n$ {command}\n{text}\n```"


def masked(text: str) -> str:
    """Return `text` without what may differ between two runs."""
    text = re.sub(r"\n +", " ", text)
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return " ".join(text.split())


def outdated() -> Iterator[str]:
    """Yield the pages whose blocks no longer say what the commands print."""
    for file, old, new in _pages():
        if masked(old) != masked(new):
            yield str(file.relative_to(ROOT))


def _pages() -> Iterator[tuple[Path, str, str]]:
    for file in files():
        old = file.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            yield file, old, written(old, Path(folder))


if __name__ == "__main__":
    for each, _, fresh in _pages():
        each.write_text(fresh, encoding="utf-8")
