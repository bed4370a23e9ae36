"""Which files are scanned, and what is said of those that cannot be."""

import os
import sys
from pathlib import Path

import pytest

from qprof.domain.errors import QprofError
from qprof.scan.fixing.patches import patches
from qprof.scan.source_file import python_files
from tests.scan.trees import IMPORTS, MODELS, found, scanned


def test_folders_that_are_nobodys_source_are_left_out(tmp_path: Path) -> None:
    """Named, they are scanned; a loop of links ends."""
    names = [".git/a.py", "env3/pyvenv.cfg", "env3/a.py", "node_modules/a.py", "app/a.py"]
    for name in [*names, "app/note.txt", "app/gen/b.py", "__pycache__/a.py"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "app" / "loop").symlink_to(tmp_path, target_is_directory=True)

    def seen(*paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
        files = python_files([tmp_path / each for each in paths], exclude)
        return [each.relative_to(tmp_path).as_posix() for each in files]

    assert seen("") == ["app/a.py", "app/gen/b.py"]
    assert seen("", exclude=("gen",)) == ["app/a.py"]
    assert seen(".git", "app/a.py", "app") == [".git/a.py", "app/a.py", "app/gen/b.py"]
    with pytest.raises(QprofError, match="There is no file or folder"):
        seen("missing")


UNREADABLE = {
    "syntax": (b"def broken(:\n", "bad.py:1 is not Python that can be parsed"),
    "Python 2": (b"print 'hello'\n", "bad.py:1 is not Python that can be parsed"),
    "encoding": (b"x = '\xff'\n", "is in no known encoding"),
    "unknown encoding": (b"# coding: klingon\n", "is in no known encoding"),
    "null": (b"x = 1\n\0\n", "bad.py"),
    "depth": (b"(" * 5000 + b")" * 5000, "bad.py"),
    "depth of a chain": (
        b"def f():\n    return joinedload(q)" + b".f()" * 800,
        "nested too deeply",
    ),
    "depth of operators": (b"x = " + b"+".join([b"1"] * 50_000), "nested too deeply"),
    "binary": (bytes(range(256)) * 9, "bad.py"),
    "UTF-16": ("x = 1\n".encode("utf-16"), "is in no known encoding"),
    "two encodings": (b"\xef\xbb\xbf# coding: latin-1\n", "is in no known encoding"),
    "no text": (b"# coding: rot13\n", "is in no known encoding"),
}
if sys.version_info < (3, 11):  # whose parser has no limit there
    del UNREADABLE["depth of operators"]


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_cannot_be_parsed_is_named_and_skipped(kind: str, tmp_path: Path) -> None:
    content, said = UNREADABLE[kind]
    (tmp_path / "bad.py").write_bytes(content)
    code = "def f():\n    return select(Artist).options(joinedload(Artist.tracks)).limit(1)\n"
    result = scanned(tmp_path, {"models.py": MODELS, "repo.py": IMPORTS + code})
    ((file, reason),) = result.unreadable
    assert file.endswith("bad.py")
    assert said in reason
    assert found(result) == ["QP401 f Artist.tracks"]


def test_what_is_no_file_is_named_and_skipped(tmp_path: Path) -> None:
    """A link to itself, a link to nothing, a pipe that would never end, a folder of that name."""
    (tmp_path / "itself.py").symlink_to("itself.py")
    (tmp_path / "nothing.py").symlink_to("missing.py")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    result = scanned(tmp_path, {"good.py": ""})
    names = {Path(file).name: reason for file, reason in result.unreadable}
    assert sorted(names) == ["itself.py", "nothing.py", "pipe.py"]
    assert "it is no regular file" in names["pipe.py"]
    assert result.files == 1


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text there")
def test_a_name_that_is_no_text_is_shown_escaped(tmp_path: Path) -> None:
    """It is scanned, and --fix leaves it alone."""
    code = (
        IMPORTS
        + "def f():\n    return select(Artist).options(joinedload(Artist.tracks)).limit(5)\n"
    )
    (tmp_path / os.fsdecode(b"bad\xff.py")).write_text(code, encoding="utf-8")
    result = scanned(tmp_path, {"models.py": MODELS})
    (finding,) = (each.finding for each in result.suspects)
    assert finding.location is not None
    assert finding.location.file.endswith(r"bad\xff.py")
    assert "cannot be read" in " ".join(patches(result.suspects).kept)


def test_hundreds_of_branches_in_a_row_are_followed(tmp_path: Path) -> None:
    code = "def f(x):\n    if x: pass\n"
    code += "".join(f"    elif x == {number}: pass\n" for number in range(400))
    code += "    return select(Artist).options(joinedload(Artist.tracks)).limit(5)\n"
    before = sys.getrecursionlimit()
    result = scanned(tmp_path, {"models.py": MODELS, "repo.py": IMPORTS + code})
    assert found(result) == ["QP401 f Artist.tracks"]
    assert sys.getrecursionlimit() == before
