import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.files.atomic import explained, make_folder, remove_stale, sync_folder, write_atomic


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_writes_whole_and_in_pieces(tmp_path):
    write_atomic(tmp_path / "a", b"one")
    assert (tmp_path / "a").read_bytes() == b"one"
    write_atomic(str(tmp_path / "a"), (piece for piece in [b"t", b"", b"wo"]))
    assert (tmp_path / "a").read_bytes() == b"two"
    assert names(tmp_path) == ["a"]


def test_has_the_users_usual_permissions(tmp_path):
    (tmp_path / "plain").touch()
    write_atomic(tmp_path / "a", b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomic("a", b"x")
    assert names(tmp_path) == ["a"]


def test_follows_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["/dev/null", "."])
def test_never_replaces_what_is_not_a_file(path):
    with pytest.raises(FileExistsError, match="not a regular file; choose another name"):
        write_atomic(path, b"x")
    assert not Path(path).is_file()


def test_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="Create the folder first") as caught:
        write_atomic(tmp_path / "no" / "a", b"x")
    assert caught.value.filename == str(tmp_path / "no" / "a")


@pytest.mark.parametrize(
    ("failure", "caught"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "Free some space"),
        (OSError(errno.EIO, "Input/output error"), "Check the disk"),
        (KeyboardInterrupt(), ""),
        (MemoryError(), ""),
    ],
)
@pytest.mark.parametrize("when", ["pieces", "fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_temporary(
    tmp_path, monkeypatch, failure, caught, when
):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(*_):
        raise failure

    def pieces():
        yield b"new" * 100_000
        if when == "pieces":
            raise failure

    if when == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    if when == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(type(failure), match=caught or None) as error:
        write_atomic(path, pieces())
    monkeypatch.undo()
    if isinstance(failure, OSError):
        assert str(path) in str(error.value)
        assert error.value.errno == failure.errno
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_folder_that_cannot_be_synchronised(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("chainrule.files.atomic.sync_folder", fail)
    with pytest.raises(OSError, match="Input/output error; the new content is in place"):
        write_atomic(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_limit_on_file_sizes(tmp_path):
    """The system itself refuses a write half way: EFBIG here is ENOSPC on a full disk."""
    (tmp_path / "a").write_bytes(b"old")
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from chainrule.files import write_atomic
try:
    write_atomic({str(tmp_path / "a")!r}, b"x" * 1_000_000)
except OSError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert "[Errno 27]" in done.stdout
    assert str(tmp_path / "a") in done.stdout
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_remove_stale_takes_only_our_temporaries(tmp_path):
    for name in [".chainrule-0123456789abcdef.tmp", ".other.tmp", "chainrule.tmp", "a"]:
        (tmp_path / name).touch()
    remove_stale(tmp_path)
    assert names(tmp_path) == [".other.tmp", "a", "chainrule.tmp"]
    remove_stale(tmp_path / "missing")


def test_file_systems_that_cannot_sync_a_folder(tmp_path, monkeypatch):
    def refuse(code):
        def fsync(_):
            raise OSError(code, "no")

        monkeypatch.setattr(os, "fsync", fsync)

    refuse(errno.EINVAL)
    sync_folder(tmp_path)
    refuse(errno.EIO)
    with pytest.raises(OSError, match="no"):
        sync_folder(tmp_path)


def test_make_folder(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError, match="file"):
        make_folder(tmp_path / "file")
    with pytest.raises(NotADirectoryError, match="A part of the path is a file"):
        make_folder(tmp_path / "file" / "b")


def test_explained_without_number():
    error = explained(OSError("odd"), "a")
    assert error.errno == errno.EIO
    assert error.filename == "a"
