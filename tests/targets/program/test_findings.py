"""What the rules say of a whole program."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qprof.domain.errors import QprofError
from qprof.domain.jsonvalue import from_json
from qprof.domain.report import Report
from qprof.domain.trace import Burst, Call, Cost, Environment, Execution, Site, Trace
from qprof.runs.stored import judge_trace, stored_report, trace_text
from qprof.targets.config import Config
from tests.targets.program.conftest import Done, Shop

HERE = Environment("0.1.0", "3.11.7", "2.1.9", "sqlite", "pysqlite", "sqlite:///shop.db")


def judged(done: Done) -> Report:
    assert done.trace is not None
    return judge_trace(done.trace, Config(), None, None)


def test_an_explosion_is_measured_by_its_keys(shop: Shop) -> None:
    """Joined siblings are an error with figures, though the program ran only as it is."""
    done = shop.python("-c", "from shop.repositories import Customers; Customers().joined()")
    (finding,) = judged(done).findings
    assert (finding.rule, finding.level) == ("QP101", "error")
    assert finding.tried is not None
    assert (finding.tried.status, finding.diff) == ("not-tried", "")
    assert finding.tried.reason == "a program is not run again"
    assert (finding.evidence["rows"], finding.evidence["needed_rows"]) == (144, 96)
    assert finding.evidence["worst_root"] == "Customer 1"


def test_loads_by_parent_in_one_transaction_are_an_n_plus_one(shop: Shop) -> None:
    """Twelve lazy loads below one SELECT are a loop, whoever called it."""
    done = shop.python("-c", "from shop.repositories import Customers; Customers().lazy()")
    (finding,) = judged(done).findings
    assert finding.rule == "QP201"
    assert "up to 12 of them in one transaction" in finding.message


def test_one_query_for_each_request_is_no_n_plus_one(shop: Shop) -> None:
    """Sixty calls of get_by_id, a transaction each, are noted with their number and place."""
    script = "from shop.repositories import Customers\nfor n in range(60): Customers().get(n)"
    done = shop.python("-c", script)
    assert judged(done).findings == ()
    (note,) = done.calls["shop.repositories.Customers._one"].notes
    assert note.startswith("One SELECT was sent 60 times at shop/repositories.py:")
    assert "at most 1 in one transaction" in note


def test_a_loop_in_one_transaction_is_an_n_plus_one(shop: Shop) -> None:
    """The same SELECT with other parameters, in one session, is a query for each row."""
    script = (
        "from shop.models import *\n"
        "with Session(engine()) as session:\n"
        "    for n in range(1, 9): session.get(Customer, n)\n"
    )
    (finding,) = judged(shop.python("-c", script)).findings
    assert finding.rule == "QP201"
    assert "in one transaction with up to 8 different sets of parameters" in finding.message


def test_a_saved_trace_gives_the_same_report(shop: Shop) -> None:
    """The command renders what qprof run showed, without the program."""
    script = "from shop.repositories import Customers; Customers().joined()"
    shop.plainly(
        *shop.command(
            sys.executable, "-c", script, options=("-f", f"json={shop.folder}/a.json", "-q")
        )
    )
    ran = from_json(Report, json.loads((shop.folder / "a.json").read_text()))
    assert stored_report([shop.folder / "trace.json"], Config()) == ran


def one(count: int = 3, **changes: object) -> Trace:
    execution = Execution(
        "SELECT 1", count, count, 1, count, site=Site("a.py", 1, "f"), burst=Burst(count, count)
    )
    environment = Environment(**{**vars(HERE), **changes})  # type: ignore[arg-type]
    return Trace(environment, (Call("a.f", {}, (execution,), None),))


def saved(folder: Path, *traces: Trace) -> list[Path]:
    files = [folder / f"{number}.json" for number in range(len(traces))]
    for file, trace in zip(files, traces, strict=True):
        file.write_text(trace_text(trace), encoding="utf-8")
    return files


def test_traces_are_added_up(tmp_path: Path) -> None:
    """Several traces of one environment are one report; bursts are not added."""
    report = stored_report(saved(tmp_path, one(3), one(4)), Config())
    (call,) = report.calls
    assert Cost(call.queries, call.rows, call.cells) == Cost(7, 7, 7)
    assert [each.count for each in call.executions] == [7]
    assert report.findings == ()


def test_databases_of_added_traces_are_all_named(tmp_path: Path) -> None:
    """Shards of a suite have a database each: the report says for which it speaks."""
    files = saved(tmp_path, one(database="sqlite:///1.db"), one(database="sqlite:///2.db"))
    assert stored_report(files, Config()).environment.database == "sqlite:///1.db, sqlite:///2.db"


def test_traces_of_different_environments_are_refused(tmp_path: Path) -> None:
    """Figures of two SQLAlchemy versions are not added up, and the sentence says so."""
    with pytest.raises(QprofError, match=r"they differ in sqlalchemy \(2\.1\.9 and 2\.0\.58\)"):
        stored_report(saved(tmp_path, one(), one(sqlalchemy="2.0.58")), Config())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"schema": "qprof.trace/1", "calls": [', "is not JSON, or was cut off"),
        ("[" * 100_000, "is not JSON, or was cut off"),
        ('{"name": "left-pad"}', "is neither a trace nor a report of qprof"),
        ("[1]", "is neither a trace nor a report of qprof"),
        ('{"schema": "qprof.trace/9"}', "has schema qprof.trace/9; this qprof reads"),
        ('{"schema": "qprof.trace/1", "calls": []}', "says it is qprof.trace/1, but is not"),
        (trace_text(one()).replace('"count": 3', '"count": "3"'), "but is not: '3' is no int"),
    ],
)
def test_a_file_that_is_not_ours_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """Whatever is in the file, there is one sentence and no traceback."""
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(QprofError, match=sentence):
        stored_report([file], Config())


def test_a_report_cannot_be_added_up(tmp_path: Path) -> None:
    """A report has lost what adding up needs; alone it is rendered as it is."""
    from qprof.reporters import REPORTERS, Canvas

    report = judge_trace(one(), Config(), None, None)
    file = tmp_path / "report.json"
    file.write_text(REPORTERS["json"](report, Canvas()), encoding="utf-8")
    assert stored_report([file], Config()) == report
    with pytest.raises(QprofError, match=r"report\.json is a report, and only traces"):
        stored_report([file, *saved(tmp_path, one())], Config())


def test_the_command_line_says_it_with_code_2(shop: Shop) -> None:
    """A file that is missing exits with 2."""
    command = shop.command()
    done = subprocess.run([*command[: command.index("run")], "report", "no"], capture_output=True)
    assert (done.returncode, done.stderr) == (
        2,
        b"error: no cannot be read: No such file or directory.\n"
        b"hint: `qprof report --help` says what it takes\n",
    )
