"""Which files are scanned, and what is said of those that cannot be."""

from pathlib import Path

import pytest

from qprof.errors import QprofError
from qprof.scan.files import python_files
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
}


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
