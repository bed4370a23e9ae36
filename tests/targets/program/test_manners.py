"""The program does what it would do without qprof: output, exit code, signals, imports."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.targets.program.conftest import Shop

ONE = "import sqlalchemy as sa; sa.create_engine('sqlite://').connect().scalar(sa.select(1))"
WITHIN = "import os\nif 'QPROF_TRACES' in os.environ"
"""The folder is on the path of qprof itself, too."""
Start = Callable[..., "subprocess.Popen[bytes]"]


def test_the_exit_code_is_the_programs(shop: Shop) -> None:
    """SystemExit(7) exits with 7, although nothing was seen."""
    done = shop.python("-c", "raise SystemExit(7)")
    assert done.code == 7
    assert "no statement was sent" in done.err


def test_the_exit_code_stays_with_a_report(shop: Shop) -> None:
    """A program that fails after its queries has its figures and its code."""
    done = shop.python("-c", f"{ONE}; raise SystemExit(5)", options=("--fail-on", "note"))
    assert (done.code, done.totals) == (5, (1, 1))


def test_a_program_that_sends_nothing_is_an_error(shop: Shop) -> None:
    """A profile that saw nothing is never a pass: exit code 3."""
    done = shop.python("-c", "print('hello')")
    assert (done.code, done.out) == (3, b"hello\n")
    assert "1 Python process ran, and no statement was sent through SQLAlchemy" in done.err


def test_a_program_that_is_no_python_is_an_error(shop: Shop) -> None:
    """Where no Python started there is a sentence that says how qprof comes in."""
    done = shop.run("true")
    assert done.code == 3
    assert "No Python process was seen in true" in done.err


def test_an_isolated_python_is_an_error(shop: Shop) -> None:
    """With -I, Python ignores PYTHONPATH, and that is said."""
    done = shop.python("-I", "-c", ONE)
    assert done.code == 3
    assert "python -I" in done.err


@pytest.mark.parametrize(("command", "code"), [("./missing", 127), ("./pytest.ini", 126)])
def test_a_command_that_cannot_start_answers_as_a_shell_does(
    shop: Shop, command: str, code: int
) -> None:
    """127 for one that is not there, 126 for one that cannot be run, with a sentence."""
    done = shop.run(command)
    assert done.code == code
    assert done.err.startswith(f"error: The command {command} ")


def test_no_command_is_wrong_usage(shop: Shop) -> None:
    """Without a command there is an example of one."""
    done = shop.plainly(*shop.command())
    assert done.returncode == 2
    assert b"qprof run -- python -m app" in done.stderr


def test_findings_fail_where_asked_for(shop: Shop) -> None:
    """--fail-on gives exit code 1 where the program itself ends well."""
    script = "from shop.repositories import Customers; Customers().joined()"
    done = shop.python("-c", script, options=("--fail-on", "error"))
    assert done.code == 1
    assert "error[QP101]" in done.err


def test_stdout_is_the_programs_alone(shop: Shop) -> None:
    """Byte by byte what it prints without qprof, whatever the bytes."""
    script = f"{ONE}; import sys; sys.stdout.buffer.write(bytes(range(256)))"
    plain = shop.plainly(sys.executable, "-c", script)
    assert shop.python("-c", script).out == plain.stdout == bytes(range(256))


def test_quiet_leaves_stderr_to_the_program(shop: Shop) -> None:
    """With --quiet even stderr is the program's alone, and files are written all the same."""
    file = shop.folder / "report.json"
    script = f"{ONE}; import sys; print('mine', file=sys.stderr)"
    done = shop.python("-c", script, options=("--quiet", "-f", f"json={file}"))
    assert (done.code, done.err, done.totals) == (0, "mine\n", (1, 1))
    assert file.read_text().startswith("{")


def test_stdin_is_the_programs(shop: Shop) -> None:
    """What is piped into qprof run is piped into the program."""
    script = f"{ONE}; import sys; print(sys.stdin.read().upper())"
    done = shop.run(sys.executable, "-c", script, input=b"hello")
    assert done.out == b"HELLO\n"


def test_ctrl_c_reaches_the_program_and_the_figures_are_kept(shop: Shop, started: Start) -> None:
    """SIGINT to the foreground group: the program handles it, the report comes after."""
    process = started(sys.executable, "waiting.py", "9")
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    done = shop.done(process.returncode, out, err)
    assert (done.code, done.out, done.totals) == (9, b"stopped\n", (2, 2))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_death_by_a_signal_is_told_as_shells_do(
    shop: Shop, started: Start, number: signal.Signals
) -> None:
    """A program that a signal kills, even SIGKILL, loses no figures: 128 + n."""
    process = started(sys.executable, "waiting.py")
    assert process.stdout is not None
    os.kill(int(process.stdout.readline()), number)
    out, err = process.communicate(timeout=60)
    done = shop.done(process.returncode, out, err)
    assert done.code == 128 + number
    assert done.totals == (2, 2)


def test_sigterm_is_passed_on(shop: Shop, started: Start) -> None:
    """Who stops qprof run stops the program, and still has its figures."""
    process = started(sys.executable, "waiting.py")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    done = shop.done(process.returncode, out, err)
    assert done.code == 128 + signal.SIGTERM
    assert done.totals == (2, 2)


def test_a_sitecustomize_of_the_users_still_runs(shop: Shop) -> None:
    """The one that qprof's hides is imported, under its own name and from its own file."""
    (shop.folder / "sitecustomize.py").write_text(f"{WITHIN}: print('theirs')\n")
    shop.environment["PYTHONPATH"] = str(shop.folder)
    done = shop.python("-c", f"{ONE}; import sitecustomize; print(sitecustomize.__file__)")
    assert done.out.decode().split() == ["theirs", str(shop.folder / "sitecustomize.py")]
    assert done.totals == (1, 1)


def test_a_broken_sitecustomize_breaks_as_before(shop: Shop) -> None:
    """What it raises is told in Python's own words."""
    (shop.folder / "sitecustomize.py").write_text(f"{WITHIN}: raise ValueError('theirs')\n")
    shop.environment["PYTHONPATH"] = str(shop.folder)
    done = shop.python("-c", f"{ONE}; print('on')", options=("--quiet",))
    assert done.err.splitlines() == [
        "Error in sitecustomize; set PYTHONVERBOSE for traceback:",
        "ValueError: theirs",
    ]
    assert (done.out, done.totals) == (b"on\n", (1, 1))


def test_nothing_is_imported_where_sqlalchemy_is_not(shop: Shop) -> None:
    """A program without SQLAlchemy gets none, nothing of qprof, and no new module."""
    script = "import sys; print(sorted({each.partition('.')[0] for each in sys.modules}))"
    plain = shop.plainly(sys.executable, "-c", script)
    done = shop.python("-c", script)
    ours = set(eval(done.out)) - set(eval(plain.stdout))
    assert ours <= {"sitecustomize", "atexit"}


def test_the_orm_is_not_imported_before_a_connection(shop: Shop) -> None:
    """Importing SQLAlchemy alone imports no more of it than before."""
    script = "import sqlalchemy, sys; print('sqlalchemy.orm' in sys.modules)"
    plain = shop.plainly(sys.executable, "-c", script)
    assert shop.python("-c", script).out == plain.stdout


def test_an_error_of_ours_does_not_reach_the_program(shop: Shop) -> None:
    """What goes wrong inside of qprof is told at the end, and the program goes on."""
    script = (
        "import sqlalchemy as sa\n"
        "c = sa.create_engine('sqlite://').connect()\n"
        "print(c.scalar(sa.select(1)))\n"
        "import qprof.targets.program.bare as b; b.site_of = None\n"
        "print(c.scalar(sa.select(2)))\n"
    )
    done = shop.python("-c", script)
    assert (done.code, done.out) == (3, b"1\n2\n")
    assert "qprof itself failed inside of the program" in done.err
    assert done.trace is not None
    assert [each.raised for each in done.trace.unmeasured] == [True]


def test_an_old_sqlalchemy_is_told(shop: Shop) -> None:
    """SQLAlchemy 1.4 runs on, unseen, and that is said in one sentence."""
    old = shop.folder / "sqlalchemy"
    old.mkdir()
    (old / "__init__.py").write_text("__version__ = '1.4.54'\n")
    for name in ("event", "pool"):
        (old / f"{name}.py").write_text("Pool = None\n")
    done = shop.python(
        "-c", f"import sys; sys.path[:0] = [{str(shop.folder)!r}]; import sqlalchemy"
    )
    assert done.code == 3
    assert "SQLAlchemy 1.4.54 is too old, 2.0 is needed" in done.err
