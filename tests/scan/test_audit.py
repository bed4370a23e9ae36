"""The audit's situation: one method mended, two forgotten; found, measured, mended, measured."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.cli.door import ROOT, Said, in_process

FORGOTTEN = {"ArtistRepository.search", "ArtistRepository.get_by_id"}
Application = tuple[Path, str]
"""Its folder, and the name of its package."""


@pytest.fixture
def application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Application]]:
    """Return what makes a copy of the application of its own name, with a filled database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def copy(name: str) -> Application:
        shutil.copytree(ROOT / "tests" / "apps" / "audit", tmp_path / name)
        return tmp_path, name

    yield copy
    for name in set(sys.modules) - before:
        if name.partition(".")[0].startswith("audited"):
            del sys.modules[name]


def filled(name: str) -> None:
    engine = create_engine("sqlite:///a.db")
    import_module(f"{name}.filling").fill(engine)
    engine.dispose()


def checked(name: str) -> None:
    engine = create_engine("sqlite:///a.db")
    with Session(engine) as session:
        import_module(f"{name}.checks").check(session)
    engine.dispose()


def profiled(name: str, file: str) -> Any:
    target = ["--target", f"{name}.repositories:ArtistRepository", "--database", "sqlite:///a.db"]
    said = in_process("profile", *target, "-q", "-f", f"json={file}")
    assert said.code == 0, said.all
    return json.loads(Path(file).read_text(encoding="utf-8"))


def scanned(*arguments: str) -> Said:
    return in_process("scan", *arguments)


def test_one_scan_names_both_and_what_to_copy(application: Callable[[str], Application]) -> None:
    folder, name = application("audited")
    said = scanned(name, "-f", "json=scan.json")
    assert said.code == 0, said.all
    report = json.loads((folder / "scan.json").read_text(encoding="utf-8"))
    for rule, level in (("QP101", "note"), ("QP501", "warning")):
        found = [each for each in report["findings"] if each["rule"] == rule]
        assert {each["call"] for each in found} == FORGOTTEN
        assert {each["level"] for each in found} == {level}
    copied = [each["evidence"].get("copy") for each in report["findings"]]
    assert copied.count("ArtistRepository.get_all") == 2


def test_it_is_measured_and_mended(application: Callable[[str], Application]) -> None:
    """What was measured makes errors of notes; afterwards the scan, the tests, the figures agree.

    The mended package has another name, since a process imports a module once.
    """
    folder, name = application("audited")
    filled(name)
    checked(name)
    before = profiled(name, "before.json")
    raised = scanned(name, "--with", "before.json", "-f", "json=scan.json", "--fail-on", "error")
    assert raised.code == 1
    weighed = json.loads((folder / "scan.json").read_text(encoding="utf-8"))["findings"]
    errors = [each for each in weighed if each["level"] == "error"]
    assert {(each["rule"], each["call"]) for each in errors} == {
        ("QP101", each) for each in FORGOTTEN
    }
    by_method = {each["call"].rpartition(".")[2]: each for each in errors}
    assert by_method["search"]["evidence"]["rows"] == 4 * 45 * 3
    assert by_method["get_by_id"]["evidence"]["rows"] == 45 * 3

    _, other = application("audited_again")
    mended = scanned(other, "--fix", "--write")
    assert "Changed 6 loader calls in 1 file." in mended.err
    assert "No risky loader options" in mended.out
    clean = scanned(other, "--fail-on", "note")
    assert (clean.code, "No risky loader options" in clean.out) == (0, True)

    checked(other)
    after = profiled(other, "after.json")
    assert {each["rule"] for each in before["findings"]} >= {"QP101"}
    assert [each for each in after["findings"] if each["rule"] == "QP101"] == []
    for each in after["calls"]:
        assert each["rows"] == each["needed"]["rows"]
