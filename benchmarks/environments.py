"""An environment for each peer, with the SQLAlchemy that qprof runs on; made once and kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs
import sqlalchemy

from benchmarks.instruments import PEERS

ROOT = Path(__file__).resolve().parent.parent


def python_of(instrument: str) -> str:
    """Return the interpreter that has `instrument`.

    Raises `subprocess.CalledProcessError` where it cannot be installed.
    """
    if instrument not in PEERS:
        return sys.executable
    folder = _folder(instrument)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not (folder / "made").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        _install(python, f"sqlalchemy[asyncio]=={sqlalchemy.__version__}", "aiosqlite")
        if PEERS[instrument]:
            _install(python, *PEERS[instrument])
        # Without what it declares: one of them would bring another SQLAlchemy.
        _install(python, "--no-deps", instrument)
        (folder / "made").touch()
    return str(python)


def _folder(instrument: str) -> Path:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}-{sqlalchemy.__version__}"
    return platformdirs.user_cache_path("qprof") / "benchmarks" / version / instrument


def version_in(python: str, package: str) -> str:
    """Return the version of `package` that `python` has."""
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _install(python: Path, *what: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    subprocess.run(command, check=True, capture_output=True, text=True)
