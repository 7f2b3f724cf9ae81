"""From source text to machine code, with a cache on disk.

A module is kept in a folder of its own, named by a hash of everything that its machine code depends
on: the source, the versions of chainrule, Numba, llvmlite, NumPy and Python, and the CPU. The
folder is made under another name and renamed when it is complete, so two processes that build at
once do not see each other's halves. Numba's cache files in it are pickles; they are read only if
the folder and all its files belong to this user, nobody else can write to them, and their checksums
are those that were noted when they were made. Whatever is wrong, the module is built again; where
nothing can be kept, in memory.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Kernel = Callable[..., Any]
_MANIFEST = "manifest.json"
_MODULE = "kernel.py"

_building = threading.Lock()  # the import of a module changes what belongs to the process


def cache_folder() -> Path:
    """Where compiled modules are kept: ``$CHAINRULE_CACHE``, else in the user's cache folder."""
    given = os.environ.get("CHAINRULE_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "chainrule"


def build(source: str, signature: Sequence[Any]) -> Kernel:
    """The function ``run`` of an emitted module, compiled for a signature of Numba types."""
    key = key_of(source, signature)
    with _building:  # what a second thread wants is in the cache then
        return _built(source, signature, key)


def _built(source: str, signature: Sequence[Any], key: str) -> Kernel:
    try:
        root = cache_folder()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_private(root)
        folder = root / key
        if _is_sound(folder):
            return _load(folder, signature, key)
        return _built_in(root, folder, source, signature, key)
    except OSError:  # read-only, full, or not ours: nothing is kept
        with tempfile.TemporaryDirectory(prefix="chainrule-") as scratch:
            (Path(scratch) / _MODULE).write_text(source)
            return _load(Path(scratch), signature, key)


def key_of(source: str, signature: Sequence[Any]) -> str:
    """A hash of all that the machine code depends on.

    Comments name lines of the user's file, which may move without a change to the code.

    >>> key_of("x = 1  # of line 3", ()) == key_of("x = 1  # of line 4", ())
    True
    >>> key_of("x = 1", ()) == key_of("x = 2", ())
    False
    """
    import llvmlite
    import numba
    import numpy
    import scipy
    from llvmlite import binding

    parts = [
        _code_of(source), str(tuple(signature)), numba.__version__, llvmlite.__version__,
        numpy.__version__, scipy.__version__, sys.version, binding.get_host_cpu_name(),
        binding.get_host_cpu_features().flatten(),
    ]  # fmt: skip
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _code_of(source: str) -> str:
    """The source without its comments; a line with quotes, which may hold a #, stays as it is."""
    lines = (
        x if '"' in x or "'" in x else x.partition("#")[0].rstrip() for x in source.splitlines()
    )
    return "\n".join(lines)


def _built_in(root: Path, folder: Path, source: str, signature: Sequence[Any], key: str) -> Kernel:
    """Build under a temporary name; the folder appears when it is complete."""
    scratch = Path(tempfile.mkdtemp(prefix=".", suffix=".tmp", dir=root))
    kernel: Kernel | None = None
    try:
        (scratch / _MODULE).write_text(source)
        kernel = _load(scratch, signature, key)
        digests = {str(p.relative_to(scratch)): _digest(p) for p in _files(scratch)}
        (scratch / _MANIFEST).write_text(json.dumps(digests))
        if folder.exists():  # damaged, or another process was faster
            shutil.rmtree(folder, ignore_errors=True)
        scratch.rename(folder)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        if kernel is None:
            raise
    return kernel


def _load(folder: Path, signature: Sequence[Any], key: str) -> Kernel:
    """Import the module of a folder and compile it, or let Numba take what it kept there."""
    _offer_noalias()
    spec = importlib.util.spec_from_file_location(f"chainrule_kernel_{key}", folder / _MODULE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Numba finds a kept function's globals by its module's name
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    module.run.compile(tuple(signature))
    return module.run


def _offer_noalias() -> None:
    """Let ``njit`` take ``noalias=True``: Numba has the flag, but no option that sets it.

    The operands of a loop are apart in memory, which LLVM cannot know of offsets into one array;
    without the promise it checks at run time, or does not vectorise loops over many operands.
    """
    from numba.core.cpu import CPUTargetOptions
    from numba.core.options import TargetOptions

    options: Any = CPUTargetOptions
    options.noalias = TargetOptions.Mapping("noalias")


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != _MANIFEST)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_sound(folder: Path) -> bool:
    """Whether a folder is private, complete and unchanged since it was made."""
    try:
        noted = json.loads((folder / _MANIFEST).read_text())
        found = _files(folder)
        for path in (folder, folder / _MANIFEST, *found):
            _require_private(path)
        return noted == {str(p.relative_to(folder)): _digest(p) for p in found}
    except (OSError, ValueError):
        return False


def _require_private(path: Path) -> None:
    """Raise OSError unless the path is this user's and nobody else can write to it."""
    if os.name != "posix":
        return
    status = path.lstat()
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o022:
        raise PermissionError(f"{path} belongs to, or can be written by, another user")
    if stat.S_ISLNK(status.st_mode):
        raise PermissionError(f"{path} is a link")
