"""What every reporter makes of every sample; run as a module, it rewrites the files."""

from pathlib import Path

from qprof.reporters import REPORTERS, Canvas
from tests.reporters.samples import SAMPLES

FOLDER = Path(__file__).parent.parent / "golden"
_ENDINGS = {"json": "json", "markdown": "md", "csv": "csv", "junit": "xml", "sarif": "sarif"}


def path(sample: str, reporter: str) -> Path:
    """Return where the golden is kept."""
    return FOLDER / sample / f"{reporter}.{_ENDINGS.get(reporter, 'txt')}"


def write() -> None:
    """Write every golden anew, and remove the ones that nothing makes any more."""
    kept = {path(sample, reporter) for sample in SAMPLES for reporter in REPORTERS}
    for sample, report in SAMPLES.items():
        (FOLDER / sample).mkdir(parents=True, exist_ok=True)
        for reporter, render in REPORTERS.items():
            path(sample, reporter).write_text(render(report, Canvas()), encoding="utf-8")
        for stale in set((FOLDER / sample).iterdir()) - kept:
            stale.unlink()


if __name__ == "__main__":
    write()
