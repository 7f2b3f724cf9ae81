"""Plain arrays that a recording holds: as they were when they were used, whatever is written later.

A derivative reads the operands of an operation long after it happened, and in between the user's
program may write into them: a buffer that is filled anew, a weight updated in place. So a recording
keeps a copy. That costs about as much as one elementwise operation, and less than any check that
would notice every change (measured: a checksum that sees each bit and each place takes three times
as long); an array that is used again is compared and not copied again. Of what is too large to be
copied a checksum is kept, and a change is an error. Arrays that nobody can write to are held as
they are: ``x.flags.writeable = False`` spares a large constant its copy.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from chainrule.core.errors import TraceError

SMALL = 1 << 12  # bytes; below, a copy is cheaper than the question whether there is one
LARGE = 1 << 26  # bytes; above, there is a checksum and no copy
_WORDS = 1 << 12
_FACTORS = np.random.default_rng(0).integers(1, 1 << 63, _WORDS, dtype=np.uint64) * 2 + 1

Array = np.ndarray[Any, Any]


class Constants:
    """The arrays that one recording uses, each kept once for all its uses without a change."""

    __slots__ = ("_kept", "_watched")

    def __init__(self) -> None:
        self._kept: dict[int, tuple[weakref.ref[Array], Array]] = {}
        self._watched: dict[int, tuple[Array, int]] = {}

    def keep(self, x: Array) -> Array:
        """``x`` as it is now: a copy, the one made at an earlier use, or itself under watch."""
        if _is_frozen(x) or x.dtype.hasobject:
            return x
        core = _without_repetition(x)
        if core.nbytes > LARGE:
            self._watch(x, core)
            return x
        known = self._kept.get(id(x))
        if known is not None and known[0]() is x and _same_bits(known[1], core):
            return known[1]
        copy = core.copy("K")
        if core is not x:
            copy = np.broadcast_to(copy, x.shape)
        self._kept[id(x)] = weakref.ref(x), copy
        return copy

    def _watch(self, x: Array, core: Array) -> None:
        now = checksum(core)
        known = self._watched.setdefault(id(x), (x, now))
        _require_unchanged(x, known[1], now)

    def check(self) -> None:
        """Raise an error if an array that is too large for a copy was written to since its use."""
        for x, before in self._watched.values():
            _require_unchanged(x, before, checksum(_without_repetition(x)))


def _require_unchanged(x: Array, before: int, now: int) -> None:
    if before != now:
        raise TraceError(
            f"an array of shape {x.shape} was written to after it was used and before its"
            f" derivative was taken; a recording copies arrays up to {LARGE >> 20} MB and refers"
            " to larger ones: use x.copy() before you write, or write into another array"
        )


def _is_frozen(x: Any) -> bool:
    """Whether nobody can write to the memory of ``x``, by whatever name."""
    while isinstance(x, np.ndarray):
        if x.flags.writeable:
            return False
        x = x.base
    return True


def _without_repetition(x: Array) -> Array:
    """An array that is broadcast, before it was: one entry along each axis of stride zero."""
    if all(x.strides):
        return x
    return x[tuple(slice(0, 1) if s == 0 else slice(None) for s in x.strides)]


def _same_bits(copy: Array, core: Array) -> bool:
    return bool(np.array_equal(_words(_without_repetition(copy)), _words(core)))


def _words(x: Array) -> Array:
    """The memory of ``x`` in its order, as whole numbers, so that NaN equals itself."""
    flat = x.ravel("K")
    return flat.view(np.uint64 if flat.nbytes % 8 == 0 else np.uint8)


def checksum(x: Array) -> int:
    """A number that depends on each bit of ``x`` and its place: a sum with odd random factors.

    >>> a = np.arange(12.0)
    >>> before = checksum(a)
    >>> a[3], a[4] = a[4], a[3]
    >>> checksum(a) == before
    False
    """
    total = np.uint64(0)
    words = _words(x)
    with np.errstate(over="ignore"):
        for start in range(0, words.size, _WORDS * _WORDS):
            part = words[start : start + _WORDS * _WORDS].astype(np.uint64, copy=False)
            whole = part.size // _WORDS * _WORDS
            rows = part[:whole].reshape(-1, _WORDS) @ _FACTORS
            rest = part[whole:] @ _FACTORS[: part.size - whole]
            block = rows @ _FACTORS[: rows.size] + rest * np.uint64(3)
            total = total * np.uint64(0x9E3779B97F4A7C15) + block
    return int(total)
