"""What --fix writes, byte by byte, and what it refuses to write."""

from pathlib import Path

import pytest

from qprof.scan.fixing.patches import patches
from tests.scan.trees import MODELS, scanned

CODE = """\
{imports}
from models import Artist


def search():
    return select(Artist).options({one}(Artist.tracks), {one}(Artist.albums))
"""


def fixed(folder: Path, code: str | bytes, name: str = "repo.py") -> tuple[bytes, tuple[str, ...]]:
    """Return what --fix makes of `code`, and what it says of what it left alone."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(code if isinstance(code, bytes) else code.encode())
    made = patches(scanned(folder, {"models.py": MODELS}).suspects)
    new = next((each.new for each in made.files), None)
    return (folder / name).read_bytes() if new is None else new, made.kept


IMPORTS = {
    "replaced in its place": (
        "from sqlalchemy.orm import Session, joinedload\nfrom sqlalchemy import select",
        "from sqlalchemy.orm import Session, selectinload\nfrom sqlalchemy import select",
    ),
    "sorted where it was sorted": (
        "from sqlalchemy.orm import joinedload, relationship",
        "from sqlalchemy.orm import relationship, selectinload",
    ),
    "in its place where it was not": (
        "from sqlalchemy.orm import relationship, joinedload, Session",
        "from sqlalchemy.orm import relationship, selectinload, Session",
    ),
    "over several lines, with comments": (
        "from sqlalchemy.orm import (\n    Session,  # ours\n    joinedload,\n    relationship,\n)",
        "from sqlalchemy.orm import (\n    Session,  # ours\n    relationship,\n"
        "    selectinload,\n)",
    ),
    "in the place of a name that has a comment": (
        "from sqlalchemy.orm import (\n    joinedload,  # one trip\n    Session,\n)",
        "from sqlalchemy.orm import (\n    selectinload,  # one trip\n    Session,\n)",
    ),
    "kept with its comment": (
        "from sqlalchemy.orm import (\n    joinedload,  # one trip\n    selectinload,\n)",
        "from sqlalchemy.orm import (\n    joinedload,  # one trip\n    selectinload,\n)",
    ),
    "dropped with its line": (
        "from sqlalchemy.orm import selectinload\nfrom sqlalchemy.orm import joinedload",
        "from sqlalchemy.orm import selectinload",
    ),
    "kept under a comment": (
        "from sqlalchemy.orm import selectinload\n# Why.\nfrom sqlalchemy.orm import joinedload",
        "from sqlalchemy.orm import selectinload\n# Why.\nfrom sqlalchemy.orm import joinedload",
    ),
    "kept beside something else": (
        "from sqlalchemy.orm import selectinload\nfrom sqlalchemy.orm import joinedload; x = 1",
        "from sqlalchemy.orm import selectinload\nfrom sqlalchemy.orm import joinedload; x = 1",
    ),
    "within a block": (
        "try:\n    from sqlalchemy.orm import joinedload\nexcept ImportError:\n    pass",
        "try:\n    from sqlalchemy.orm import selectinload\nexcept ImportError:\n    pass",
    ),
    "kept where it is used": (
        "from sqlalchemy.orm import joinedload\nother = joinedload",
        "from sqlalchemy.orm import joinedload, selectinload\nother = joinedload",
    ),
    "kept where it is exported": (
        'from sqlalchemy.orm import joinedload\n__all__ = ["joinedload"]',
        'from sqlalchemy.orm import joinedload, selectinload\n__all__ = ["joinedload"]',
    ),
    "already there": (
        "from sqlalchemy.orm import joinedload, selectinload",
        "from sqlalchemy.orm import selectinload",
    ),
}


@pytest.mark.parametrize("kind", IMPORTS)
def test_imports(kind: str, tmp_path: Path) -> None:
    before, after = IMPORTS[kind]
    new, _ = fixed(tmp_path, CODE.format(imports=before, one="joinedload"))
    assert new.decode() == CODE.format(imports=after, one="selectinload")


def test_another_name_of_selectinload_is_used(tmp_path: Path) -> None:
    imports = "from sqlalchemy.orm import joinedload as j, selectinload as s"
    new, _ = fixed(tmp_path, CODE.format(imports=imports, one="j"))
    after = CODE.format(imports="from sqlalchemy.orm import selectinload as s", one="s")
    assert new.decode() == after


def test_an_import_within_the_function(tmp_path: Path) -> None:
    code = (
        "from models import Artist\ndef search():\n    from sqlalchemy.orm import joinedload\n"
        "    return select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))\n"
    )
    new, _ = fixed(tmp_path, code)
    assert new.decode() == code.replace("joinedload", "selectinload")


def test_a_package_keeps_what_others_may_import_from_it(tmp_path: Path) -> None:
    code = CODE.format(imports="from sqlalchemy.orm import joinedload", one="joinedload")
    new, _ = fixed(tmp_path, code, "shop/__init__.py")
    assert b"from sqlalchemy.orm import joinedload, selectinload\n" in new


REFUSED = {
    "taken": (
        "from sqlalchemy.orm import joinedload\ndef selectinload(): ...",
        "selectinload is the name of something else there",
    ),
    "somebody else's": (
        "from db import joinedload",
        "joinedload is imported from db, not from sqlalchemy.orm",
    ),
    "from nowhere": ("", "it is not seen where joinedload comes from"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_certain_is_left_alone(kind: str, tmp_path: Path) -> None:
    imports, why = REFUSED[kind]
    code = CODE.format(imports=imports, one="joinedload")
    new, kept = fixed(tmp_path, code)
    assert new.decode() == code
    assert why in " ".join(kept)


ODD = {
    "CRLF": (b"", "utf-8", "\r\n"),
    "CR": (b"", "utf-8", "\r"),
    "BOM": (b"\xef\xbb\xbf", "utf-8", "\n"),
    "BOM and CRLF": (b"\xef\xbb\xbf", "utf-8", "\r\n"),
    "latin-1": (b"# -*- coding: latin-1 -*-\n", "latin-1", "\n"),
    "form feeds": (b"\x0c\n\x0cx = 1 \x0c\n", "utf-8", "\n"),
    "ends of lines of Unicode": (
        '# \x0b \x1c \x85 \u2028\nx = "\x0c\u2029"\n'.encode(),
        "utf-8",
        "\n",
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_every_other_byte_stays(kind: str, tmp_path: Path) -> None:
    """Line ends, a byte order mark, tabs, odd spaces, comments, no end of the last line."""
    start, encoding, end = ODD[kind]
    text = (
        "from sqlalchemy.orm import joinedload\n"
        "from models import Artist\n"
        "x = {'é' :1}  # caf\xe9 \n"
        "def search( ):\n"
        "\t'é'; return select(Artist) . options( 'é' and joinedload( Artist.tracks ),\n"
        "\t    joinedload(Artist.albums,),)  # end"
    )
    old = start + text.replace("\n", end).encode(encoding)
    new, _ = fixed(tmp_path, old)
    assert new == old.replace(b"joinedload", b"selectinload")
    assert (tmp_path / "repo.py").read_bytes() == old


def test_bytes_that_their_text_does_not_give_back_are_left_alone(tmp_path: Path) -> None:
    code = CODE.format(imports="from sqlalchemy.orm import joinedload", one="joinedload")
    old = b"# coding: utf-7\n" + code.encode().replace(b"_", b"+AF8-") + b"# +AGE-\n"
    new, kept = fixed(tmp_path, old)
    assert new == old
    assert "its bytes are not what utf-7 makes of its text" in " ".join(kept)


def test_a_file_in_which_libcst_would_be_lost_is_mended_all_the_same(tmp_path: Path) -> None:
    """Only its imports are parsed by it."""
    deep = f"x = {'[' * 150}{']' * 150}\n"
    code = CODE.format(imports="from sqlalchemy.orm import joinedload", one="joinedload") + deep
    new, kept = fixed(tmp_path, code)
    assert (new.decode(), kept) == (code.replace("joinedload", "selectinload"), ())
