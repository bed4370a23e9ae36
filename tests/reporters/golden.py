"""What every reporter makes of every sample; run as a module, it rewrites the files.

A SARIF golden declares the rules of its results alone, so that a new rule changes none. That every
rule is declared is a test of its own. An HTML golden leaves out style and scripts, the same in all.
"""

import json
import re
from pathlib import Path
from typing import Any

from qprof.cli.outcome import encodable
from qprof.reporters import REPORTERS, Canvas
from tests.reporters.samples import SAMPLES

FOLDER = Path(__file__).parent.parent / "golden"
_OURS = re.compile(r"(<style>|<script>).*?(</style>|</script>)", re.DOTALL)
_ENDINGS = {
    "html": "html",
    "json": "json",
    "markdown": "md",
    "csv": "csv",
    "junit": "xml",
    "sarif": "sarif",
}


def path(sample: str, reporter: str) -> Path:
    """Return where the golden is kept."""
    return FOLDER / sample / f"{reporter}.{_ENDINGS.get(reporter, 'txt')}"


def drawn(sample: str, reporter: str) -> str:
    """Return what the golden is to hold."""
    text = REPORTERS[reporter](SAMPLES[sample], Canvas())
    if reporter == "html":
        return _OURS.sub(r"\1\2", re.sub(r"'sha256-[^']+'", "'sha256-…'", text))
    return with_used_rules(text) if reporter == "sarif" else text


VIEWS = {
    "140-columns": Canvas(140, every=True, sql=True, options=True),
    "brief": Canvas(brief=True, options=True),
    "colour": Canvas(colour=True, links=True, options=True),
    "50-columns": Canvas(50, brief=True, options=True),
}
"""The table at other terminals; at 80 columns, piped, it is among the formats."""


def view_path(sample: str, view: str) -> Path:
    """Return where the golden of a view is kept."""
    return FOLDER / sample / f"table-{view}.txt"


def viewed(sample: str, view: str) -> str:
    """Return the table as a terminal shows it; escapes are spelled out.

    rich numbers each link by chance; the numbers are left out.
    """
    text = REPORTERS["table"](SAMPLES[sample], VIEWS[view])
    return re.sub(r"\x1b]8;id=\d+;", "\x1b]8;;", text).replace("\x1b", "ESC")


def ascii_path(sample: str) -> Path:
    """Return where the table for a terminal without Unicode is kept."""
    return FOLDER / sample / "table-ascii.txt"


def in_ascii(sample: str) -> str:
    """Return the table as a terminal shows it that knows ASCII alone."""
    return encodable(REPORTERS["table"](SAMPLES[sample], Canvas()), "ascii")


def everything() -> dict[Path, str]:
    """Return what each golden is to hold."""
    found = {path(sample, each): drawn(sample, each) for sample in SAMPLES for each in REPORTERS}
    for sample in SEEN:
        found |= {view_path(sample, view): viewed(sample, view) for view in VIEWS}
        found[ascii_path(sample)] = in_ascii(sample)
    return found


SEEN = ("profile", "compare", "search", "changes", "growth")
"""The samples whose table is kept at several terminals."""


def with_used_rules(text: str) -> str:
    """Return a SARIF log without the descriptors of rules that have no result."""
    log = json.loads(text)
    assert text == as_text(log)
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    declared = driver["rules"]
    for result in run["results"]:
        assert declared[result["ruleIndex"]]["id"] == result["ruleId"]
    used = {each["ruleId"] for each in run["results"]}
    driver["rules"] = [each for each in declared if each["id"] in used]
    place = {each["id"]: number for number, each in enumerate(driver["rules"])}
    for result in run["results"]:
        result["ruleIndex"] = place[result["ruleId"]]
    return as_text(log)


def as_text(log: Any) -> str:
    """Return `log` as the reporter writes it."""
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    """Write every golden anew, and remove the ones that nothing makes any more."""
    found = everything()
    for file, text in found.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for folder in {file.parent for file in found}:
        for stale in set(folder.iterdir()) - set(found):
            stale.unlink()


if __name__ == "__main__":
    write()
