"""What of NumPy works on traced values: every public callable of its three namespaces, by kind.

``python -m tests.ops.coverage`` writes ``docs/coverage.md`` again. What NumPy hands over to traced
values stands in chainrule's registries; what it does not is listed here, with what to write.
"""

from __future__ import annotations

import inspect
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.primitive import CONSTANT, NUMPY, OFFERED, REFUSED, Primitive

DOCUMENT = Path(__file__).parents[2] / "docs" / "coverage.md"
NAMESPACES = (np, np.linalg, np.fft)


class Kind(Enum):
    """What a callable is to traced values."""

    DIFFERENTIABLE = "differentiable"
    CONSTANT = "non-differentiable by nature"
    APART = "takes no array"
    REFUSED = "refused"


@dataclass(frozen=True)
class Entry:
    """One public callable of NumPy; ``why`` says what to write where it is refused."""

    name: str
    function: Any
    kind: Kind
    why: str = ""


_USE_X = "x is an array already; use x itself, or x.copy()"
_STACK = "NumPy makes the array alone: write np.stack([x, y]), np.concatenate, or x + 0 * y"
_CLASS = "a class cannot hold traced values"
_CAST = "it would cut x out of the graph; write x.astype(dtype)"
_TEXT = "it wants a Python number; format x itself, f'{x}'"
_FILE = "files are read outside of the traced function"
_LOOP = "it calls Python on plain numbers; write cr.vmap(f)(x), or a loop"

OUTSIDE_REFUSED: dict[str, str] = {
    **dict.fromkeys(
        ("asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray",
         "require"), _USE_X),
    "array": _STACK,
    "asmatrix": f"{_CLASS}; use two axes and @",
    "matrix": f"{_CLASS}; use two axes and @",
    "bmat": "it makes an np.matrix; write np.block",
    "full": "np.full makes a plain array; write np.full_like(x, value, shape=...)",
    **dict.fromkeys(("base_repr", "binary_repr", "format_float_positional",
                     "format_float_scientific"), _TEXT),
    **dict.fromkeys(("from_dlpack", "frombuffer", "fromstring"), _USE_X),
    **dict.fromkeys(("fromfile", "fromregex", "genfromtxt", "load", "loadtxt"), _FILE),
    "fromiter": "NumPy makes the array alone: write np.stack([*values])",
    "frompyfunc": _LOOP,
    "vectorize": _LOOP,
    "mask_indices": "it wants a plain mask; write np.nonzero(mask)",
    "nested_iters": "an iterator that writes into the array cannot be recorded; index x",
    "isfortran": "the layout of memory is no part of the graph",
    "info": "it prints the layout of memory; print x, or cr.trace(f)",
    "kaiser": "beta is a plain number there; write np.i0(beta * np.sqrt(1 - t**2)) / np.i0(beta)",
    "broadcast": f"{_CLASS}; use np.broadcast_arrays, np.broadcast_shapes",
    "flatiter": "x.flat is its own iterator; index x, or x.ravel()",
    "memmap": _FILE,
    **dict.fromkeys(("ndarray", "recarray", "record", "void"),
                    f"{_CLASS}; use tuples, dicts and dataclasses of arrays"),
    **dict.fromkeys(("ndenumerate", "nditer"), "iterate over np.ndindex(x.shape), and index x"),
    "poly1d": f"{_CLASS}; keep the coefficients in an array, and use np.polyval",
    **dict.fromkeys(("bytes_", "str_", "object_", "character", "flexible"),
                    "text and objects have no derivative"),
    **dict.fromkeys(("datetime64", "timedelta64", "busdaycalendar", "datetime_data"),
                    "dates have no derivative"),
}  # fmt: skip
THROUGH = frozenset({"row_stack"})  # written in Python, with functions that work
OUTSIDE_APART = frozenset({
    "LinAlgError", "arange", "bartlett", "blackman", "broadcast_shapes", "diag_indices", "dtype",
    "empty", "errstate", "eye", "fftfreq", "finfo", "fromfunction", "get_include",
    "get_printoptions", "getbufsize", "geterr", "geterrcall", "hamming", "hanning", "identity",
    "iinfo", "indices", "isdtype", "isscalar", "issubdtype", "iterable", "mintypecode", "ndindex",
    "ones", "printoptions", "promote_types", "rfftfreq", "set_printoptions", "setbufsize", "seterr",
    "seterrcall", "show_config", "show_runtime", "test", "tri", "tril_indices", "triu_indices",
    "typename", "ufunc", "zeros",
})  # fmt: skip


def public_callables() -> Iterator[tuple[str, Any]]:
    """Each public callable of NumPy's namespaces with its name as users write it."""
    for module in NAMESPACES:
        prefix = module.__name__.replace("numpy", "np")
        for name in sorted(n for n in dir(module) if not n.startswith("_")):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # deprecated names
                found = getattr(module, name)
            if callable(found) and not isinstance(found, types.ModuleType):
                yield f"{prefix}.{name}", found


def entry_of(name: str, function: Any) -> Entry | None:
    """What a callable is to traced values; None if nothing says so."""
    short = name.rsplit(".", 1)[1]
    if short in OUTSIDE_APART:
        return Entry(name, function, Kind.APART)
    if function in NUMPY:
        target = NUMPY[function]
        settled = isinstance(target, Primitive) and target.is_constant
        constant = settled or function in CONSTANT
        return Entry(name, function, Kind.CONSTANT if constant else Kind.DIFFERENTIABLE)
    if function in REFUSED:
        return Entry(name, function, Kind.REFUSED, REFUSED[function])
    if short in OUTSIDE_REFUSED:
        return Entry(name, function, Kind.REFUSED, OUTSIDE_REFUSED[short])
    if short in THROUGH:
        return Entry(name, function, Kind.DIFFERENTIABLE)
    if inspect.isclass(function) and issubclass(function, np.generic):
        return Entry(name, function, Kind.REFUSED, _CAST)
    return None


def entries() -> list[Entry]:
    """Every public callable; an error for those of which nothing is known."""
    found = {name: (entry_of(name, f), f) for name, f in public_callables()}
    unknown = sorted(name for name, (entry, _) in found.items() if entry is None)
    if unknown:
        raise LookupError(
            f"new in NumPy {np.__version__}, or forgotten: {', '.join(unknown)}; implement them in"
            " ops/numpy_api, refuse them there with a reason, or list them in tests/ops/coverage.py"
        )
    return [entry for entry, _ in found.values() if entry is not None]


def counts() -> dict[Kind, int]:
    """How many callables there are of each kind."""
    known = entries()
    return {kind: sum(e.kind is kind for e in known) for kind in Kind}


def _names(kind: Kind) -> str:
    return ", ".join(f"`{e.name.removeprefix('np.')}`" for e in entries() if e.kind is kind)


def _refusals() -> str:
    by_reason: dict[str, list[str]] = {}
    for e in entries():
        if e.kind is Kind.REFUSED:
            by_reason.setdefault(e.why, []).append(f"`{e.name.removeprefix('np.')}`")
    rows = (f"| {', '.join(names)} | {why} |" for why, names in by_reason.items())
    return "\n".join(("| functions | why, and what to write instead |", "|---|---|", *rows))


def _scipy() -> str:
    rows: list[str] = []
    for module, names in sorted(OFFERED.items()):
        offered = ", ".join(f"`{n}`" for n in sorted(names))
        rows.append(f"- `cr.scipy.{module}`: {offered}")
    return "\n".join(rows)


def document() -> str:
    """The text of ``docs/coverage.md``."""
    n = counts()
    working = n[Kind.DIFFERENTIABLE] + n[Kind.CONSTANT]
    return f"""# What of NumPy and SciPy works on traced values

NumPy {np.__version__.rsplit(".", 1)[0]} has {sum(n.values())} public callables in `numpy`, \
`numpy.linalg` and `numpy.fft`, classes included; {working} of them work on traced values.
By `python -m tests.ops.coverage`; a test holds that none is missing.

| kind | callables |
|---|---|
| differentiable, forward and reverse, to any order | {n[Kind.DIFFERENTIABLE]} |
| non-differentiable by nature: whole numbers, truth values, shapes | {n[Kind.CONSTANT]} |
| takes no array, so there is nothing to trace | {n[Kind.APART]} |
| refused, with an error that says why | {n[Kind.REFUSED]} |

## Differentiable

{_names(Kind.DIFFERENTIABLE)}

## Non-differentiable by nature

No derivative follows their results; in a graph they are recorded all the same.

{_names(Kind.CONSTANT)}

## Takes no array

{_names(Kind.APART)}

## Refused

{_refusals()}

## SciPy

SciPy's own functions are not told of traced values, so these stand under SciPy's names:

{_scipy()}
"""


if __name__ == "__main__":
    DOCUMENT.write_text(document())
