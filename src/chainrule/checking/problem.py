"""The function that is checked, as a function of its floating-point arguments alone.

Arguments are leaves of containers; results are compared as one vector in double precision. All else
of a call (integers, strings, keyword arguments of other kinds) is constant.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast

import numpy as np

from chainrule.core.errors import DTypeError
from chainrule.core.places import place
from chainrule.core.trace import TracedValue, type_of
from chainrule.core.tree import Structure, flatten, leaf_names, unflatten

Leaves = Sequence[Any]
Vector = np.ndarray[Any, Any]


def is_float(x: Any) -> bool:
    """Whether a value can be differentiated."""
    known = isinstance(x, (np.ndarray, np.generic, TracedValue)) or type(x) in (float, complex)
    return known and type_of(x).dtype.kind in "fc"


@dataclass(frozen=True)
class Problem:
    """A function with the arguments it is checked at."""

    f: Callable[..., Any]
    structure: Structure
    leaves: Leaves  # all of them
    places: tuple[int, ...]  # of those that are of floats

    @property
    def point(self) -> list[Any]:
        """The arguments to differentiate."""
        return [self.leaves[i] for i in self.places]

    @property
    def names(self) -> list[str]:
        """What the arguments to differentiate are called: ``argument 0['w']``, ``scale``."""
        accessors = leaf_names(self.structure)
        return [_argument_name(accessors[i]) for i in self.places]

    @property
    def title(self) -> str:
        """The name of the function, and where it is written."""
        return where(self.f)

    def result(self, *xs: Any) -> Any:
        """What the function returns."""
        full = list(self.leaves)
        for i, x in zip(self.places, xs, strict=True):
            full[i] = x
        args, kwargs = unflatten(self.structure, full)
        return self.f(*args, **kwargs)

    def __call__(self, *xs: Any) -> list[Any]:
        """The floating-point numbers of the result, as leaves."""
        return [x for x in flatten(self.result(*xs))[0] if is_float(x)]

    def fresh(self) -> list[Any]:
        """Copies of the arguments: a user's function may write into what it gets."""
        return [copied(x) for x in self.point]


def problem_of(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Problem:
    """The function with the arguments of this call."""
    leaves, structure = flatten((tuple(args), kwargs))
    places = tuple(i for i, x in enumerate(leaves) if is_float(x))
    if not places:
        kinds = ", ".join(type(x).__name__ for x in leaves) or "none"
        raise DTypeError(
            f"{where(f)} is to be differentiated, but has no argument of floating-point numbers"
            f" (its arguments: {kinds}); pass 2.0 for 2, or x.astype(float)"
        )
    return Problem(f, structure, leaves, places)


def _argument_name(accessor: str) -> str:
    """``[0][1]['w']`` of (args, kwargs) as a person says it."""
    kind, rest = accessor[:3], accessor[3:]
    name, _, path = rest[1:].partition("]")
    return f"argument {name if kind == '[0]' else name.strip(chr(39))}{path}"


def where(f: Callable[..., Any]) -> str:
    """The name of a function with the line at which it begins, if it is written in Python.

    >>> where(np.sin)
    'sin'
    """
    inner = inspect.unwrap(f)
    name = str(getattr(inner, "__name__", type(inner).__name__))
    return f"{name} ({line_of(inner)})" if isinstance(inner, FunctionType) else name


def line_of(f: FunctionType) -> str:
    """The file and line at which a function begins."""
    return place(f.__code__.co_filename, f.__code__.co_firstlineno)


# ---- leaves and vectors --------------------------------------------------------------------------


def copied(x: Any) -> Any:
    """A leaf of its own."""
    return cast("Any", x).copy() if isinstance(x, np.ndarray) else x


def wide(x: Any) -> Vector:
    """A leaf in double precision."""
    array = np.asarray(x)
    return array.astype(np.result_type(array.dtype, np.float64))


def vector(leaves: Leaves) -> Vector:
    """All numbers of the leaves, one after the other, in double precision."""
    parts = [wide(x).reshape(-1) for x in leaves]
    return np.concatenate([np.zeros(0), *parts])


def like(values: Vector, leaves: Leaves) -> list[Any]:
    """A vector as leaves of these types: tangents or cotangents of them."""
    made: list[Any] = []
    start = 0
    for x in leaves:
        kind = type_of(x)
        part = values[start : start + kind.size].reshape(kind.shape)
        start += kind.size
        part = part if kind.dtype.kind == "c" else np.real(part)
        made.append(part.item() if kind.weak else part.astype(kind.dtype)[()])
    return made


def random_like(leaves: Leaves, rng: np.random.Generator, *, scaled: bool = False) -> list[Any]:
    """A random direction without small entries; ``scaled`` to the size of each leaf."""
    parts: list[Vector] = []
    for x in leaves:
        size = type_of(x).size
        values = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size)
        if type_of(x).dtype.kind == "c":
            values = values + 1j * rng.uniform(-1.5, 1.5, size)
        parts.append(values * (size_of(x) if scaled else 1.0))
    return like(np.concatenate([np.zeros(0), *parts]), leaves)


def size_of(x: Any) -> float:
    """The usual size of the entries of a leaf: their root mean square, 1 if all are 0."""
    entries = np.abs(wide(x).reshape(-1))
    entries = entries[np.isfinite(entries)]
    largest = float(np.max(entries, initial=0.0))
    if largest == 0.0:
        return 1.0
    return float(np.sqrt(np.mean((entries / largest) ** 2))) * largest


def moved(xs: Leaves, ts: Leaves, step: float | complex) -> list[Any]:
    """``x + step t`` in double precision; a Python number stays one."""
    return [
        (wide(x) + step * wide(t))[()].item() if type_of(x).weak else (wide(x) + step * wide(t))[()]
        for x, t in zip(xs, ts, strict=True)
    ]


def entry_name(leaves: Leaves, names: Sequence[str], number: int) -> str:
    """The name of the number at this place of the leaves' vector."""
    for x, name in zip(leaves, names, strict=True):
        kind = type_of(x)
        if number < kind.size:
            index = np.unravel_index(number, kind.shape) if kind.shape else ()
            return name + (f"[{', '.join(map(str, index))}]" if kind.shape else "")
        number -= kind.size
    raise IndexError(number)
