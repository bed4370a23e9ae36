"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ELOOP
from pathlib import Path

from qprof.domain.errors import QprofError


def write_whole(file: Path, content: str | bytes) -> None:
    """Write `content` to `file`, whole or not at all; a text in UTF-8.

    Where `file` is a link, what it leads to is written; a device or a pipe is written to, and stays
    what it is. Raises QprofError where that cannot be done.
    """
    data = content if isinstance(content, bytes) else content.encode()
    try:
        if _is_open_elsewhere(file):
            file.write_bytes(data)
        else:
            _replace(_led_to(file), data)
    except (OSError, RuntimeError) as error:  # resolve() raises RuntimeError on a link to itself
        reason = getattr(error, "strerror", None) or error
        raise QprofError(f"The file {file} cannot be written: {reason}.") from None


def _led_to(file: Path) -> Path:
    target = file.resolve()
    if target.is_symlink():  # From Python 3.13 on, a link to itself is what it leads to.
        raise OSError(ELOOP, os.strerror(ELOOP))
    return target


def _is_open_elsewhere(file: Path) -> bool:
    """Return whether `file` is no plain file, or one that stdout or stderr go to: /dev/stdout."""
    if not file.exists():
        return False
    return not file.is_file() or any(_leads_to(stream, file) for stream in (1, 2))


def _leads_to(stream: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream), file.stat())
    except OSError:
        return False


def _replace(file: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    with _removed_on_failure(Path(name)), os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        _keep_mode(file, Path(name))
        Path(name).replace(file)


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
