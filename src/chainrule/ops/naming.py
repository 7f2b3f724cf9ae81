"""Names of values inside of a function: ``name`` changes nothing, and labels a value in the graph.

Who looks into a graph finds the values that the user named (``chainrule.insight``), and drawings,
derivations and paths show the names. What is executed has none: the pass ``inline.py`` leaves them
out. ``probe`` is how the derivative of the output in a value inside of a loop is asked for: it
gives back its first operand, but as if the second, which is zero, were added.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chainrule.core.aliasing import view
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import edge, primitive
from chainrule.core.trace import Trace, TracedValue
from chainrule.ops.batch import Flags, with_axis
from chainrule.ops.define import Array, as_operand, match, spread

NAMES = frozenset({"name", "probe"})
"""Primitives whose result is their first operand."""

_naming: ContextVar[Trace | None] = ContextVar("chainrule_naming", default=None)


def _same(x: Any, **_name: Any) -> Any:
    return x


def _direction(t: Array, _out: Array, _x: Array, **_name: Any) -> Array:
    return t  # which has no name


def _batch_name(_batched: Flags, _size: int, x: Array, **name: Any) -> Array:
    return name_p(x, **name)


name_p = primitive("name", _same, _same, (edge(_direction, _direction),), batch=_batch_name)
"""Parameters: ``name``; ``recomputed`` where a loop of a derivative computes the value again."""


def _probe_type(x: ArrayType, _probe: ArrayType) -> ArrayType:
    return x


def _batch_probe(batched: Flags, size: int, x: Array, probe: Array) -> Array:
    return probe_p(*(with_axis(a, flag, size) for a, flag in zip((x, probe), batched, strict=True)))


probe_p = primitive(
    "probe",
    lambda x, probe: x,
    _probe_type,
    (
        edge(lambda t, out, x, probe: t, lambda ct, out, x, probe: ct),
        edge(lambda t, out, x, probe: spread(t, out), lambda ct, out, x, probe: match(ct, probe)),
    ),
    batch=_batch_probe,
)


def named(x: Array, name: str) -> Array:
    """``x`` itself, with a name in the graph; plain values get one inside of :func:`naming_into`.

    >>> import numpy as np, chainrule as cr
    >>> print(cr.trace(lambda x: named(np.tanh(x), "hidden") ** 2)(1.0))
    graph(a: float64~)
      b: float64 = tanh a
      c: float64 = name[name=hidden] b
      d: float64 = pow c 2
      return d
    """
    if isinstance(x, TracedValue):
        # a write through one of the two names is seen through the other, as in NumPy
        return view(name_p(x, name=name), x, redo=lambda p: p, undo=lambda _parent, child: child)
    trace = _naming.get()
    if trace is None or trace.finished:
        return x
    value = trace.keep(as_operand(x))
    return trace.record(name_p, [-1], [value], {"name": name}, value)


@contextmanager
def naming_into(trace: Trace) -> Generator[None]:
    """Inside, plain values that are named become values of ``trace``: constants are seen, too."""
    token = _naming.set(trace)
    try:
        yield
    finally:
        _naming.reset(token)
