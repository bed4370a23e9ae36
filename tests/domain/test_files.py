"""What is written is written whole, and what is no plain file of its own stays what it is."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from qprof.domain.errors import QprofError
from qprof.domain.files import write_whole


def test_a_link_stays_and_leads_to_the_new_text(tmp_path: Path) -> None:
    target, link = tmp_path / "shared.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write_whole(link, "new")
    assert (link.is_symlink(), target.read_text()) == (True, "new")


def test_a_link_to_nothing_yet_makes_what_it_leads_to(tmp_path: Path) -> None:
    target, link = tmp_path / "later.json", tmp_path / "link.json"
    link.symlink_to(target)
    write_whole(link, "new")
    assert (link.is_symlink(), target.read_text()) == (True, "new")


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, "new")
    reader.join(5)
    assert (read, pipe.is_fifo()) == (["new"], True)


def test_a_device_stays_a_device() -> None:
    write_whole(Path(os.devnull), "new")
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("name", ["a-folder", "itself", "nowhere/file"])
def test_what_cannot_be_written_is_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    with pytest.raises(QprofError, match="cannot be written"):
        write_whole(tmp_path / name, "new")
    assert [each.name for each in tmp_path.iterdir() if each.name[0] == "."] == []


def test_the_standard_output_is_written_to(tmp_path: Path) -> None:
    """By its name, be it a file or a pipe; nothing is put into its place."""
    code = "from pathlib import Path; from qprof.domain.files import write_whole as w"
    command = [sys.executable, "-c", f"{code}; w(Path('/dev/stdout'), 'new')"]
    file = tmp_path / "out.txt"
    with file.open("w") as stream:
        subprocess.run(command, stdout=stream, check=True)
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    assert (file.read_text(), said, list(tmp_path.iterdir())) == ("new", b"new", [file])
    assert Path("/dev/stdout").is_symlink()
