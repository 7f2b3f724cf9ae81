"""Recording: the one rule by which an operation on a traced value is computed and written down.

A traced value knows two things: its variable in the recording (``recorder``, ``index``) and its
value one level below: an ndarray, another traced value (nested transforms), or only an
:class:`ArrayType` (tracing by types, for compilation). :func:`bind` computes the value below by the
same dispatch and appends a record. Reverse mode then is a walk backwards over the records, forward
mode a walk forwards; when the values are themselves traced, that walk is recorded too.

Levels order nested recordings: the one that began last is the innermost. A value of an outer
recording is a constant to the inner one, which is why perturbations are never confused
(Siskind and Pearlmutter, "Perturbation confusion and referential transparency", 2005).

This is the hot path of eager differentiation; hence tuples for records and identity comparisons.
The class that users meet, with NumPy's protocols, is in ``tracer.py``.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Generator, Hashable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.constants import SMALL, Constants
from chainrule.core.errors import ChainruleError, EscapedTracerError
from chainrule.core.graph import NO_PARAMS, ArrayType, Source

if TYPE_CHECKING:
    from chainrule.core.peek import Guard
    from chainrule.core.primitive import Primitive

# (primitive, input indices, values below, params, output index, output value below, source);
# an input index of -1 marks a constant of this level. Several results have a tuple of values and
# consecutive indices, of which the first stands here.
Record = tuple["Primitive", list[int], list[Any], Mapping[str, Any], int, Any, "Source | None"]

FEW = 64  # entries of an array that is as well copied and kept

_levels = itertools.count()
_PACKAGE = str(Path(__file__).resolve().parents[1])
_NUMPY = str(Path(np.__file__).resolve().parent)


class Trace:
    """One recording: the operations on the values of one level, in the order they happened.

    ``differentiates`` tells recordings made for derivatives from those made for graphs: to a
    derivative, a value that is piecewise constant (``x > 0``, ``argmax``) is a plain constant.
    One that ``forgets`` is for sweeps alone: where a derivative needs types, values are not kept.
    A ``guarded`` recording notes each value that Python looked at, see ``peek.py``.
    """

    __slots__ = (
        "constants", "count", "differentiates", "finished", "forgets", "guards", "level", "records",
        "sources",
    )  # fmt: skip

    def __init__(
        self,
        *,
        differentiates: bool,
        sources: bool = False,
        guarded: bool = False,
        forgets: bool = False,
    ) -> None:
        self.level = next(_levels)
        self.records: list[Record] = []
        self.count = 0
        self.differentiates = differentiates
        self.sources = sources
        self.finished = False
        self.forgets = forgets
        self.constants: Constants | None = None
        self.guards: dict[Hashable, Guard] | None = {} if guarded else None

    def keep(self, x: Any) -> Any:
        """``x`` as it is now, although its name may be written to: see ``constants.py``.

        Of a traced value of an outer recording it is the value that counts, not the name.
        """
        if type(x) is np.ndarray:
            if self.differentiates and x.nbytes <= SMALL:
                return x.copy("K")
            if self.constants is None:
                self.constants = Constants()
            return self.constants.keep(x)
        return renamed(x) if type(x) is _traced_type else x

    def check_constants(self) -> None:
        """Raise an error if an array was written to of which the recording has no copy."""
        if self.constants is not None:
            self.constants.check()

    def lift(self, value: Any) -> TracedValue:
        """A new variable of this recording that stands for ``value``."""
        index = self.count
        self.count = index + 1
        return _traced_type(self, index, value)

    def record(
        self,
        primitive: Primitive,
        indices: list[int],
        below: list[Any],
        params: Mapping[str, Any],
        value: Any,
    ) -> TracedValue:
        """Write down one operation with its value; :func:`bind` does the same, inlined."""
        out = self.lift(value)
        source = user_source() if self.sources else None
        if primitive.types_only and self.forgets:
            value = _forget(indices, below, value)
        self.records.append((primitive, indices, below, params, out.index, value, source))
        return out


class TracedValue:
    """A variable of a recording with its value one level below; see ``tracer.Tracer``."""

    __slots__ = ("__weakref__", "alias", "index", "recorder", "value")

    recorder: Trace
    index: int
    value: Any
    alias: Any  # how this value shares memory with others, see ``aliasing.py``

    def __init__(self, trace: Trace, index: int, value: Any) -> None:
        self.recorder = trace
        self.index = index
        self.value = value
        self.alias = None


_traced_type: type[TracedValue] = TracedValue


def use_traced_type(cls: type[TracedValue]) -> type[TracedValue]:
    """Name the one class of traced values; ``tracer.py`` calls this once."""
    global _traced_type  # noqa: PLW0603 - set once, at import
    _traced_type = cls
    return cls


def renamed(x: TracedValue) -> TracedValue:
    """The value that a name holds now, under a name of its own."""
    return _traced_type(x.recorder, x.index, x.value)


def bind(primitive: Primitive, inputs: Sequence[Any], params: Mapping[str, Any] = NO_PARAMS) -> Any:
    """Apply a primitive: compute on plain values, compute and record on traced ones."""
    traced, array = _traced_type, np.ndarray
    top = None
    for x in inputs:
        if type(x) is traced:
            trace = x.recorder
            if top is None or (trace is not top and trace.level > top.level):
                top = trace
    if top is None:
        return primitive.value(*inputs, **params)
    if top.finished:
        raise EscapedTracerError(
            f"{primitive.name}: a traced value was used after the function it belongs to had"
            " returned; return the value from the function instead of storing it elsewhere"
        )
    indices: list[int] = []
    below: list[Any] = []
    plain = True
    for x in inputs:
        if type(x) is traced and x.recorder is top:
            indices.append(x.index)
            x = x.value
        else:
            indices.append(-1)
            if type(x) is array or type(x) is traced:
                x = top.keep(x)
        if type(x) is traced or type(x) is ArrayType:
            plain = False
        below.append(x)
    try:
        value = primitive.value(*below, **params) if plain else _below(primitive, below, params)
    except (ValueError, TypeError) as error:
        _explain(error, primitive, below, params)
        raise
    if primitive.is_constant and top.differentiates:
        return value
    if primitive.several:
        return record_several(top, (primitive, indices, below, params), value)
    index = top.count
    top.count = index + 1
    source = user_source() if top.sources else None
    kept = value
    if primitive.types_only and top.forgets:
        kept = _forget(indices, below, value)
    top.records.append((primitive, indices, below, params, index, kept, source))
    return traced(top, index, value)


def record_several(trace: Trace, operation: Any, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Write down an operation with several results, whose variables follow each other."""
    source = user_source() if trace.sources else None
    first = trace.count
    results = tuple(map(trace.lift, values))
    trace.records.append((*operation, first, values, source))
    return results


def _forget(indices: list[int], below: list[Any], value: Any) -> Any:
    """Keep types where a derivative needs no values, so that those of large arrays can be freed."""
    whole = below[0]
    if type(whole) is not np.ndarray or whole.size <= FEW:
        return value
    if indices[0] >= 0:
        below[0] = type_of(whole)
    return type_of(value)


def _explain(
    error: Exception, primitive: Primitive, below: list[Any], params: Mapping[str, Any]
) -> None:
    """Raise what the type rule says of an operation that NumPy refused, which names more."""
    if not isinstance(error, ChainruleError):
        try:
            primitive.type_rule(*map(type_of, below), **params)
        except ChainruleError as explained:
            raise explained from error


def _below(primitive: Primitive, below: list[Any], params: Mapping[str, Any]) -> Any:
    if any(type(x) is ArrayType for x in below):
        return primitive.type_rule(*map(type_of, below), **params)
    return bind(primitive, below, params)


_PYTHON_TYPES: dict[type, ArrayType] = {
    bool: ArrayType((), np.dtype(np.bool_)),
    int: ArrayType((), np.dtype(np.int64), weak=True),
    float: ArrayType((), np.dtype(np.float64), weak=True),
    complex: ArrayType((), np.dtype(np.complex128), weak=True),
}


def type_of(x: Any) -> ArrayType:
    """The :class:`ArrayType` of any value that can stand in a graph.

    >>> type_of(np.zeros((2, 3))), type_of(1.5)
    (float64[2, 3], float64~)
    """
    while isinstance(x, TracedValue):
        x = x.value
    known = _PYTHON_TYPES.get(x.__class__)
    if known is not None:
        return known
    return x if type(x) is ArrayType else _array_type(x.shape, x.dtype)


_array_type = lru_cache(maxsize=4096)(ArrayType)  # hashing is a tenth of the price of checking


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a value that can stand in a graph; () for Python numbers."""
    return () if type(x) in _PYTHON_TYPES else x.shape


SWEEPS = {"walk_backwards": "backward", "walk_forwards": "forward"}
"""The functions that make the equations of derivatives, when what they do is recorded."""

_standing_for: ContextVar[Source | None] = ContextVar("chainrule_source", default=None)


@contextmanager
def standing_for(source: Source) -> Generator[None]:
    """Operations inside stand for one of the user's line ``source``."""
    token = _standing_for.set(source)
    try:
        yield
    finally:
        _standing_for.reset(token)


def wants_sources(values: Sequence[Any]) -> bool:
    """Whether what is done with these values is recorded with the user's lines."""
    for x in values:
        while isinstance(x, TracedValue):
            if x.recorder.sources:
                return True
            x = x.value
    return False


def is_of_library(file: str) -> bool:
    """Whether a source file is chainrule's or NumPy's, and not the user's."""
    return file.startswith((_PACKAGE, _NUMPY, "<__array"))


def user_source() -> Source | None:
    """The innermost frame that is neither chainrule's nor NumPy's: the user's line."""
    known = _standing_for.get()
    if known is not None:
        return known
    frame = inspect.currentframe()
    sweep = ""
    while frame is not None:
        code = frame.f_code
        if not is_of_library(code.co_filename):
            return Source(code.co_filename, frame.f_lineno, code.co_name, sweep)
        sweep = sweep or SWEEPS.get(code.co_name, "")
        frame = frame.f_back
    return None
