"""The generated blocks of README.md and docs/; `python -m tests.generated` writes them anew.

A block stands between `<!-- begin: qprof … -->` and `<!-- end -->`; the commands run one after
the other in an empty folder. Times differ from run to run, so `outdated` masks them, and the plan
that they recommend.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"<!-- begin: (qprof [^>]*?) -->\n.*?<!-- end -->", re.DOTALL)
MASKS = (
    (re.compile(r"SQLAlchemy \S+, |Python \S+ "), ""),
    (re.compile(r"use \w+, .*? same objects\."), "use #"),
    (re.compile(r",? [\w-]+ from (?:the first|[\d.,]+ (?:ms|s|µs))\b"), ""),
    (re.compile(r"[\d,]+\.\d(?!\d)"), "#"),
    (re.compile(r"medians of [\d to]+ repeats?"), "medians"),
    (re.compile(r"\n> "), "\n"),
)


def files() -> list[Path]:
    """Return every page that may hold generated blocks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def written(text: str, folder: Path) -> str:
    """Return `text` with each block's command run again in `folder`."""
    return BLOCK.sub(lambda found: _block(found.group(1), folder), text)


def _block(command: str, folder: Path) -> str:
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    text = done.stdout.replace("python -m qprof", "qprof").strip()
    return f"<!-- begin: {command} -->\n```text\n$ {command}\n{text}\n```\n<!-- end -->"


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
