"""A form with files as a body, as RFC 7578 has it."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qprof.domain.errors import QprofError

_BOUNDARY = "qprof-5d1f0c7e9a"
"""Always the same: a request is to be the same in each run."""


def multipart(form: Mapping[str, Any], files: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the content type and the body. Raises QprofError for a file that cannot be read."""
    parts = [
        _part(f'name="{name}"', str(each).encode())
        for name, value in form.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    for name, path in files.items():
        kind = mimetypes.guess_type(str(path))[0] or "application/octet-stream"
        about = f'name="{name}"; filename="{Path(str(path)).name}"\r\nContent-Type: {kind}'
        parts.append(_part(about, _content(path)))
    end = f"--{_BOUNDARY}--\r\n".encode()
    return f"multipart/form-data; boundary={_BOUNDARY}", b"".join([*parts, end])


def _part(about: str, content: bytes) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {about}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _content(path: Any) -> bytes:
    try:
        return Path(str(path)).read_bytes()
    except OSError as error:
        raise QprofError(
            f"The file {path} of a request cannot be read: {error.strerror}."
        ) from None
