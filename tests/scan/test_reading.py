"""Code that is tedious to follow: modules let go and read again, calls of calls, long lists."""

from pathlib import Path
from typing import Any

import pytest

from qprof.scan.calls.flow import Flow
from tests.scan.trees import IMPORTS, MODELS, found, scanned

HELPER = "def eager(*more):\n    return [joinedload(Artist.tracks), *more]\n"
MODULES = 20
"""More than are kept at hand."""


def test_a_helper_is_called_after_its_module_was_let_go(tmp_path: Path) -> None:
    """Read as a value first, and called once so many other modules were read since."""
    names = [f"helper{number}" for number in range(MODULES)]
    code = "".join(f"from {name} import eager as {name}\n" for name in names)
    code += "def search():\n    first = helper0\n"
    code += "".join(f"    {name}()\n" for name in names[1:])
    code += "    return select(Artist).options(*first(joinedload(Artist.albums)))\n"
    files = {f"{name}.py": IMPORTS + HELPER for name in names}
    result = scanned(tmp_path, {**files, "models.py": MODELS, "repo.py": IMPORTS + code})
    assert found(result) == ["QP101 search Artist.tracks Artist.albums"]


def limited(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Fail once more than `most` bodies and blocks were followed."""
    follow, seen = Flow.run, []

    def counted(self: Flow, *arguments: Any) -> Any:
        seen.append(1)
        assert len(seen) <= most, "the scan goes on and on"
        return follow(self, *arguments)

    monkeypatch.setattr(Flow, "run", counted)


def test_calls_of_calls_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of six functions calls the next one a dozen times: with the same, and with others."""
    limited(monkeypatch, 5000)
    code = "def f6(*a):\n    return [joinedload(Artist.tracks), joinedload(Artist.albums), *a]\n"
    for number in range(6):
        calls = [f"    f{number + 1}(*a, {'a' * each!r})\n" for each in range(12)]
        code += f"def f{number}(*a):\n{''.join(calls * 2)}    return f{number + 1}(*a)\n"
    code += "def search():\n    return select(Artist).options(*f4())\n"
    result = scanned(tmp_path, {"models.py": MODELS, "repo.py": IMPORTS + code})
    assert "QP101 search Artist.tracks Artist.albums" in found(result)


def test_a_long_list_is_not_followed_item_by_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow's config_command: hundreds of settings, and branches on each."""
    limited(monkeypatch, 5000)
    code = f"CHANGES = [{'Change(), ' * 500}]\ndef search(paths):\n    for each in CHANGES:\n"
    for number in range(8):
        code += f"        if each.is_{number}:\n            v{number} = each.option\n"
    code += (
        "    return select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))\n"
    )
    result = scanned(tmp_path, {"models.py": MODELS, "repo.py": IMPORTS + code})
    assert found(result) == ["QP101 search Artist.tracks Artist.albums"]


def test_ways_that_differ_in_nothing_that_loads_are_one(tmp_path: Path) -> None:
    """Twelve branches on other things, between a list and its use."""
    code = "def search(given):\n    extra = [] if given.plain else [joinedload(Artist.tracks)]\n"
    code += "".join(f"    if given.a{n}:\n        v{n} = given.b{n}()\n" for n in range(12))
    code += "    return select(Artist).options(joinedload(Artist.albums), *extra)\n"
    result = scanned(tmp_path, {"models.py": MODELS, "repo.py": IMPORTS + code})
    assert found(result) == ["QP101 search Artist.albums Artist.tracks"]
