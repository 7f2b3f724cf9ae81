"""The traced array: what a user's function receives in place of its ndarray.

It catches NumPy's functions through ``__array_ufunc__`` and ``__array_function__``; each ends in
:func:`chainrule.core.trace.bind` by way of the registry in ``primitive.py``. Its operators are in
``operators.py``, the methods of arrays in ``methods.py``, and what NumPy's protocols cannot carry
raises an error that says what to write instead (``refusals.py``).

A tracer is a name for a value, as a NumPy array variable is: ``x[i] = v`` and ``x += v`` replace
what the name holds by an updated value (and update what shares memory with it, see
``aliasing.py``); what was recorded before keeps the old one.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, cast

import numpy as np

from chainrule.core.aliasing import become, is_view_of, laid_out, require_array, stand_in, write
from chainrule.core.errors import ChainruleError, NoRuleError, TraceError, UnrecordedError
from chainrule.core.flat import Flat
from chainrule.core.graph import ArrayType
from chainrule.core.methods import install_methods
from chainrule.core.operators import install_operators, operand
from chainrule.core.outputs import into_of, take_out
from chainrule.core.peek import Reading, peek
from chainrule.core.primitive import NUMPY, Primitive
from chainrule.core.refusals import UNRECORDED, full_name, no_array, no_number, not_known
from chainrule.core.trace import TracedValue, bind, type_of, use_traced_type


class Tracer(TracedValue):
    """A traced array; see the module's docstring."""

    __slots__ = ()
    __hash__ = None  # pyright: ignore[reportAssignmentType] # like ndarray: == is elementwise

    # ---- what it is -------------------------------------------------------------------------

    @property
    def type(self) -> ArrayType:
        """Shape and dtype."""
        return type_of(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis; a new one is a reshape in place."""
        value = self.value
        return () if type(value) is float else type_of(value).shape

    @shape.setter
    def shape(self, wanted: Any) -> None:
        reshaped = cast("Any", np.reshape(self, wanted))
        if self.size and not is_view_of(reshaped, self):
            raise AttributeError(
                f"x.shape = {wanted} needs a copy of this array of shape {self.shape}, which is not"
                " contiguous; write x = x.reshape(...)"
            )
        become(self, cast("Any", np.reshape(cast("Any", stand_in(self)), wanted)))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries."""
        return type_of(self.value).dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.type.size

    @property
    def itemsize(self) -> int:
        """Bytes of an entry."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all entries."""
        return self.size * self.itemsize

    @property
    def device(self) -> str:
        """Where arrays live."""
        return "cpu"

    @property
    def base(self) -> Any:
        """The array that this one is a view of, or None."""
        return None if self.alias is None else self.alias.parent

    @property
    def T(self) -> Any:
        """Axes in reverse order."""
        return np.transpose(self)

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return np.matrix_transpose(self)

    @property
    def real(self) -> Any:
        """Real part."""
        return np.real(self)

    @real.setter
    def real(self, value: Any) -> None:
        np.real(self)[...] = value

    @property
    def imag(self) -> Any:
        """Imaginary part."""
        return np.imag(self)

    @imag.setter
    def imag(self, value: Any) -> None:
        if self.dtype.kind != "c":
            raise TypeError("x.imag = v: a real array has no imaginary part to set")
        np.imag(self)[...] = value

    @property
    def flat(self) -> Flat:
        """The entries in C order, to read and to write."""
        return Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        Flat(self)[:] = value

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        return np

    def __getattr__(self, name: str) -> Any:
        if name in UNRECORDED:
            raise UnrecordedError(f"x.{name} of a traced value x: {UNRECORDED[name]}")
        raise AttributeError(
            f"x.{name} is not recorded for a traced value x; write it with operators and NumPy"
            " functions that are"
        )

    # ---- Python's protocols -----------------------------------------------------------------

    def _shown(self) -> Any:
        unseen = self.recorder.guards is not None  # text is no way to a value that is guarded
        return self.type if unseen else self.value

    def __repr__(self) -> str:
        return f"Traced({self._shown()!r})"

    def __format__(self, spec: str) -> str:
        shown = self._shown()
        return repr(self) if not spec or type(shown) is ArrayType else format(shown, spec)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(self.shape[0]))

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self == value))

    def __pos__(self) -> Any:
        return np.positive(self)

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __copy__(self) -> Any:
        return np.copy(self)

    def __deepcopy__(self, _memo: Any) -> Any:
        return np.copy(self)

    def __reduce_ex__(self, _protocol: Any) -> Any:
        raise TraceError(
            "a traced value cannot be pickled or sent to another process: return it from the"
            " traced function, and keep the plain value that comes out"
        )

    # ---- where the graph ends ---------------------------------------------------------------

    def _concrete(self, reading: Reading, asked: str, remedy: str) -> Any:
        value = peek(self, reading)
        if type(value) is ArrayType:
            raise TraceError(
                f"{asked} of a traced {value} asks for its value, but only its type is known here;"
                f" {remedy}"
            )
        return value

    def __bool__(self) -> bool:
        remedy = (
            "use np.where to choose between values, cr.cond and cr.scan or cr.while_loop for"
            " branches and loops, or cr.compile(f, branches=True), which follows Python's own"
        )
        return bool(self._concrete(Reading.TRUTH, "the truth", remedy))

    def __index__(self) -> int:
        remedy = (
            "pass it as a static argument, let cr.scan count, or use cr.compile(f, branches=True);"
            " to look up an array at a traced index, pass that array as an argument, too"
        )
        return operator.index(self._concrete(Reading.INDEX, "an integer", remedy))

    def __float__(self) -> float:
        raise no_number("float")

    def __int__(self) -> int:
        if self.recorder.guards is None:
            raise no_number("int")
        remedy = "use x.astype(int)"  # guarded: no derivative is cut, and the number is noted
        return int(self._concrete(Reading.WHOLE, "int(x)", remedy))

    def __complex__(self) -> complex:
        raise no_number("complex")

    def __floor__(self) -> int:
        return _whole(np.floor(self), "math.floor(x)", "np.floor(x)")

    def __ceil__(self) -> int:
        return _whole(np.ceil(self), "math.ceil(x)", "np.ceil(x)")

    def __trunc__(self) -> int:
        return _whole(np.trunc(self), "math.trunc(x)", "np.trunc(x)")

    def __round__(self, ndigits: int | None = None) -> Any:
        if self.shape:
            raise TypeError("round(x) is for numbers; write np.round(x) for an array")
        if ndigits is not None:
            return np.round(self, ndigits)
        return _whole(np.round(self), "round(x)", "np.round(x)")

    def __array__(self, *_args: Any, **_kw: Any) -> Any:
        raise no_array(self)

    # ---- NumPy's protocols ------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        target = NUMPY.get(ufunc)
        if target is None:
            raise not_known(ufunc)
        if method == "__call__" and not kwargs:
            if type(target) is Primitive:
                return bind(
                    cast("Primitive", target),
                    [x if type(x) is Tracer else operand(x) for x in inputs],
                )
            return target(*inputs)
        handler = NUMPY[np.ufunc]  # reduce, outer, out=, where= ...: one place in ops
        return handler(ufunc, method, inputs, kwargs)

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        target = NUMPY.get(func)
        if target is None:
            raise not_known(func)
        out = None
        if "out" in kwargs or len(args) > 1:
            args, kwargs, out = take_out(func, args, kwargs)
        try:
            result = target(*args, **kwargs)
        except TypeError as error:
            _explain_arguments(full_name(func), target, args, kwargs, error)
            raise
        if out is not None:
            return into_of(func, out, result)
        return result if func is np.einsum else laid_out(result, args)  # einsum is NumPy's own

    # ---- indexing and writing ---------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        return NUMPY[operator.getitem](self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        require_array(self, "x[index] = v")
        write(self, NUMPY[operator.setitem](self, index, value))


def _whole(x: Any, asked: str, remedy: str) -> int:
    """A whole number that no derivative follows, as Python's own."""
    if isinstance(x, Tracer):
        x = x._concrete(Reading.WHOLE, asked, f"use {remedy}")  # pyright: ignore[reportPrivateUsage]
    return int(x)


def _explain_arguments(
    name: str, target: Callable[..., Any], args: Any, kwargs: Any, error: TypeError
) -> None:
    """Raise the error for arguments that NumPy's function takes and its traced form does not."""
    if isinstance(error, ChainruleError):
        return
    accepted = inspect.signature(target)
    try:
        accepted.bind(*args, **kwargs)
    except TypeError as mismatch:
        raise NoRuleError(
            f"{name} of traced values: {mismatch}; it takes {', '.join(accepted.parameters)}"
        ) from error


install_operators(Tracer)
install_methods(Tracer)
use_traced_type(Tracer)
