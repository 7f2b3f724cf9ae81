"""Files that are either wholly there or not there at all.

A file is written under a temporary name in the same folder, forced to the disk, and only then given
its real name, which the operating system does in one step. So a reader, or a machine that lost its
power, sees the old content or the new one and never a mixture. Everything in ``chainrule.files``
that replaces a file goes through :func:`write_atomic`; ``lock.py`` keeps two writers apart.
"""

import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

# A name of our own, so that cleaning up never takes another program's temporaries.
_PREFIX = ".chainrule-"
_SUFFIX = ".tmp"


def write_atomic(path: str | os.PathLike[str], data: bytes | Iterable[bytes]) -> None:
    """Write a file so that it is found complete or, after any failure, as it was before.

    ``data`` is the content, whole or in pieces. When this returns, the content has reached the
    disk (``fsync`` of the file and of its folder). A symbolic link is followed: its target is
    replaced, not the link.

    Errors: ``OSError`` (disk full, no permission, no such folder ...) that names ``path``; the
    temporary file is gone then, and an old file under this name is untouched. The same holds for
    every other exception on the way, ``KeyboardInterrupt`` included.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_atomic(folder / "note.txt", b"three lines")
    >>> (folder / "note.txt").read_bytes()
    b'three lines'
    """
    # replacing a device such as /dev/null by a file would harm the whole system
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise FileExistsError(
            errno.EEXIST, "cannot write: this is not a regular file; choose another name", str(path)
        )
    temporary = target.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    try:
        _write_durably(temporary, data)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise explained(error, path) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    try:
        sync_folder(target.parent)
    except OSError as error:
        state = "the new content is in place but may not outlive a loss of power"
        raise explained(error, path, state) from error


def remove_stale(folder: str | os.PathLike[str]) -> None:
    """Remove the temporary files that a killed process left behind in ``folder``.

    Call it only while no other process writes there (a run holds its lock when it does). A folder
    that does not exist has nothing to remove.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / ".chainrule-0123456789abcdef.tmp").touch()
    >>> remove_stale(folder)
    >>> list(folder.iterdir())
    []
    """
    place = Path(folder)
    for entry in list(place.iterdir()) if place.is_dir() else ():
        if is_temporary(entry.name):
            entry.unlink(missing_ok=True)


def is_temporary(name: str) -> bool:
    """Tell whether a file of this name is an unfinished one of :func:`write_atomic`.

    >>> is_temporary(".chainrule-0123456789abcdef.tmp"), is_temporary("model.safetensors")
    (True, False)
    """
    return name.startswith(_PREFIX) and name.endswith(_SUFFIX)


def make_folder(path: str | os.PathLike[str]) -> None:
    """Make a folder, with its parents, so that it outlives a loss of power.

    A folder that is there already will do. Errors: ``OSError`` that names ``path``.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "runs" / "mnist-1"
    >>> make_folder(folder)
    >>> folder.is_dir()
    True
    """
    folder = Path(path)
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place in missing:
            sync_folder(place.parent)
    except OSError as error:
        raise explained(error, path) from error


def explained(
    error: OSError,
    path: str | os.PathLike[str],
    state: str = "what was there before is unchanged",
) -> OSError:
    """Give the system's error again, with the path that the user knows and what to do.

    ``state`` says what the failure has left on the disk.

    >>> print(explained(OSError(28, "No space left on device"), "model.safetensors"))
    [Errno 28] No space left on device; ... Free some space, ...: 'model.safetensors'
    """
    remedies = {
        errno.ENOSPC: "Free some space, or write to another disk",
        errno.EDQUOT: "Free some of your quota, or write to another disk",
        errno.EFBIG: "Raise the limit on the size of files, or write to another disk",
        errno.EACCES: "Make the folder writeable, or write to another one",
        errno.EPERM: "Make the folder writeable, or write to another one",
        errno.EROFS: "Write to another folder",
        errno.ENOENT: "Create the folder first",
        errno.ENOTDIR: "A part of the path is a file: write to another folder",
    }
    code = error.errno or errno.EIO
    remedy = remedies.get(code, "Check the disk, or write to another folder")
    said = error.strerror or os.strerror(code)
    # OSError makes the fitting subclass (PermissionError ...) from the number
    return OSError(code, f"{said}; {state}. {remedy}", str(path))


def sync_folder(folder: Path) -> None:
    """Force a folder's list of names to the disk: it is what making or renaming a file changes.

    >>> import tempfile
    >>> sync_folder(Path(tempfile.mkdtemp()))
    """
    if os.name == "nt":  # pragma: no cover
        return  # Windows opens no folders; its rename is journalled
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # some network file systems cannot sync a folder, and say so by EINVAL
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


def _write_durably(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Create ``path``, write ``data``, and return when the disk has it."""
    # "x" rather than mkstemp: the file gets the user's usual permissions, not 0600
    with path.open("xb") as file:
        for piece in (data,) if isinstance(data, bytes) else data:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
