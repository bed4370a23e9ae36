"""What every reporter makes of every sample; run as a module, it rewrites the files.

A SARIF golden declares the rules of its results alone, so that a new rule changes none. That every
rule is declared is a test of its own. An HTML golden leaves out style and scripts, the same in all.
"""

import json
import re
from pathlib import Path
from typing import Any

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
    kept = {path(sample, reporter) for sample in SAMPLES for reporter in REPORTERS}
    for sample in SAMPLES:
        (FOLDER / sample).mkdir(parents=True, exist_ok=True)
        for reporter in REPORTERS:
            path(sample, reporter).write_text(drawn(sample, reporter), encoding="utf-8")
        for stale in set((FOLDER / sample).iterdir()) - kept:
            stale.unlink()


if __name__ == "__main__":
    write()
