"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qprof.errors import QprofError


def write_whole(file: Path, content: str | bytes) -> None:
    """Write `content` to `file`, whole or not at all; a text in UTF-8.

    Raises QprofError where that cannot be done.
    """
    data = content if isinstance(content, bytes) else content.encode()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        with _removed_on_failure(Path(name)), os.fdopen(handle, "wb") as stream:
            stream.write(data)
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
