"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qprof.errors import QprofError


def write_whole(file: Path, text: str) -> None:
    """Write `text` to `file`, whole or not at all. Raises QprofError where that cannot be done."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        with _removed_on_failure(Path(name)), os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            _keep_mode(file, Path(name))
            Path(name).replace(file)
    except OSError as error:
        raise QprofError(f"The file {file} cannot be written: {error.strerror}.") from None


@contextmanager
def _removed_on_failure(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _keep_mode(file: Path, new: Path) -> None:
    umask = os.umask(0)
    os.umask(umask)
    new.chmod(file.stat().st_mode if file.exists() else 0o666 & ~umask)
