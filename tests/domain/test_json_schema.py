"""Every report that a command or a golden shows is what the shipped schema says."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from jsonschema import Draft202012Validator, ValidationError
from typer.testing import CliRunner

from qprof.cli.app import app
from qprof.domain.json_schema import json_schema
from qprof.domain.report import SCHEMA, Report
from tests.reporters.golden import FOLDER

VALIDATOR = Draft202012Validator(json_schema(Report, SCHEMA))


@dataclass(frozen=True)
class Inner:
    """A part."""

    size: float


@dataclass(frozen=True)
class Outer:
    """A whole."""

    kind: Literal["a", "b"]
    """Which one."""
    parts: tuple[Inner, ...]
    span: tuple[float, float] | None


def test_a_schema_is_what_the_annotations_say() -> None:
    """With the text below each field, and null for a number that JSON cannot hold."""
    made = json_schema(Outer, "outer/1")
    assert made["required"] == ["kind", "parts", "span"]
    assert made["properties"]["kind"] == {"enum": ["a", "b"], "description": "Which one."}
    assert made["properties"]["schema"] == {"const": "outer/1"}
    assert made["$defs"]["Inner"]["properties"]["size"] == {"type": ["number", "null"]}
    check = Draft202012Validator(made)
    good = {"schema": "outer/1", "kind": "a", "parts": [{"size": 1}], "span": [1, None]}
    check.validate(good)
    wrong = {"kind": "c"}, {"parts": [{}]}, {"span": [1]}, {"schema": "outer/2"}
    for each in wrong:
        with pytest.raises(ValidationError):
            check.validate({**good, **each})


def test_the_schema_is_one() -> None:
    """By the rules of JSON Schema itself."""
    Draft202012Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("golden", sorted(FOLDER.glob("*/json.json")), ids=lambda f: f.parent.name)
def test_every_golden_is_valid(golden: Path) -> None:
    """A key that goes, or another type, is another contract."""
    VALIDATOR.validate(json.loads(golden.read_text(encoding="utf-8")))


def test_a_key_that_goes_is_noticed() -> None:
    """So the test above can fail."""
    report = json.loads((FOLDER / "profile" / "json.json").read_text(encoding="utf-8"))
    del report["calls"][0]["executions"]
    with pytest.raises(ValidationError, match="executions"):
        VALIDATOR.validate(report)


def test_the_command_line_prints_it() -> None:
    """It needs no file."""
    done = CliRunner().invoke(app, ["report", "--schema"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == VALIDATOR.schema
