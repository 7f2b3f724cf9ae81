"""The traced array: what a user's function receives in place of its ndarray.

It carries the operators, methods and attributes of an ndarray and catches NumPy's functions through
``__array_ufunc__`` and ``__array_function__``; each ends in :func:`chainrule.core.trace.bind` by
way of the registry in ``primitive.py``. What NumPy's protocols cannot carry raises an error that
says what to write instead.

A tracer is a name for a value, as a NumPy array variable is: ``x[i] = v`` and ``x += v`` replace
what the name holds by an updated value (and update what shares memory with it, see
``aliasing.py``); what was recorded before keeps the old one.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np

from chainrule.core.aliasing import write
from chainrule.core.errors import ChainruleError, DTypeError, NoRuleError, TraceError
from chainrule.core.graph import ArrayType
from chainrule.core.peek import Reading, peek
from chainrule.core.primitive import NUMPY, PRIMITIVES, REFUSED, Primitive
from chainrule.core.trace import TracedValue, bind, type_of, use_traced_type

_PLAIN_OPERANDS = frozenset(
    {np.ndarray, float, int, complex, bool, np.float64, np.float32, np.float16, np.int64, np.bool_}
)


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
        """Length of each axis."""
        value = self.value
        return () if type(value) is float else type_of(value).shape

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
    def T(self) -> Any:
        """Axes in reverse order."""
        return np.transpose(self)

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return np.swapaxes(self, -1, -2)

    @property
    def real(self) -> Any:
        """Real part."""
        return np.real(self)

    @property
    def imag(self) -> Any:
        """Imaginary part."""
        return np.imag(self)

    @property
    def flat(self) -> Any:
        """Refused: an iterator that writes into the array cannot be recorded."""
        raise TraceError("x.flat is not recorded; use x.ravel(), which is")

    def __repr__(self) -> str:
        unseen = self.recorder.guards is not None  # text is no way to a value that is guarded
        return f"Traced({self.type if unseen else self.value!r})"

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(self.shape[0]))

    def reshape(self, *shape: Any, order: Any = "C") -> Any:
        """As ``np.reshape``; the shape may be given as a tuple or as separate numbers."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes: Any) -> Any:
        """As ``np.transpose``; the axes may be given as a tuple or as separate numbers."""
        return np.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def flatten(self, order: Any = "C") -> Any:
        """A one-dimensional copy."""
        return self.reshape(-1, order=order).copy()

    def __pos__(self) -> Any:
        return np.positive(self)

    def copy(self, order: Any = "C") -> Any:
        """A copy; in C order unless told otherwise, which ``np.copy`` is not."""
        return np.copy(self, order=order)

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

    def _refuse_number(self, name: str) -> TraceError:
        return TraceError(
            f"{name}(x) of a traced value would cut it out of the graph; use x itself, or"
            " cr.stop_gradient(x) where no derivative is wanted; to store it in an array, make"
            " that array with np.zeros_like(x, shape=...) or np.stack, not with np.zeros"
        )

    def __float__(self) -> float:
        raise self._refuse_number("float")

    def __int__(self) -> int:
        if self.recorder.guards is None:
            raise self._refuse_number("int")
        remedy = "use x.astype(int)"  # guarded: no derivative is cut, and the number is noted
        return int(self._concrete(Reading.WHOLE, "int(x)", remedy))

    def __complex__(self) -> complex:
        raise self._refuse_number("complex")

    def item(self, *_args: Any) -> Any:
        """Refused: a Python number is outside the graph."""
        raise self._refuse_number("x.item()/float")

    def tolist(self) -> Any:
        """Refused: Python numbers are outside the graph."""
        raise self._refuse_number("x.tolist()/float")

    def __array__(self, *_args: Any, **_kw: Any) -> Any:
        if self.dtype.kind in "iu":
            raise TraceError(
                "a traced integer cannot become a plain one: to look up a plain array at a traced"
                " index, pass that array as an argument of the traced function, too; write"
                " np.stack([i, j]) for np.array([i, j])"
            )
        raise TraceError(
            "a traced value cannot become a plain ndarray: write np.stack([x, y]) or"
            " np.concatenate(...) for np.array([x, y]); fill np.zeros_like(x) of a traced x"
            " instead of np.zeros(n); and call functions that are not NumPy's outside the"
            " traced function"
        )

    # ---- NumPy's protocols ------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        target = NUMPY.get(ufunc)
        if target is None:
            raise _not_known(f"np.{ufunc.__name__}", ufunc)
        if method == "__call__" and not kwargs:
            if type(target) is Primitive:
                return bind(cast("Primitive", target), [_operand(x) for x in inputs])
            return target(*inputs)
        handler = NUMPY[np.ufunc]  # reduce, outer, out=, where= ...: one place in ops
        return handler(ufunc, method, inputs, kwargs)

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        target = NUMPY.get(func)
        if target is None:
            raise _not_known(f"{func.__module__}.{func.__name__}".replace("numpy", "np"), func)
        try:
            return target(*args, **kwargs)
        except TypeError as error:
            _explain_arguments(f"np.{func.__name__}", target, args, kwargs, error)
            raise

    # ---- indexing and writing ---------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        return NUMPY[operator.getitem](self, index)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"x.{name} is not recorded for a traced value x; write it with operators and NumPy"
            " functions that are"
        )

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __setitem__(self, index: Any, value: Any) -> None:
        write(self, NUMPY[operator.setitem](self, index, value))


def _operand(x: Any) -> Any:
    """An input of a ufunc as a value that can stand in a graph; lists become arrays."""
    plain = type(x) is Tracer or type(x) in _PLAIN_OPERANDS or issubclass(type(x), np.generic)
    return x if plain else np.asarray(x)


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


def _not_known(name: str, function: Callable[..., Any]) -> NoRuleError:
    remedy = (
        "write it with functions that do, such as slicing and np.concatenate, or take it out of the"
        " differentiated part with cr.stop_gradient"
    )
    return NoRuleError(f"{name} does not work on traced values; {REFUSED.get(function, remedy)}")


def _binary(name: str, *, reflected: bool = False) -> Callable[[Tracer, Any], Any]:
    def method(self: Tracer, other: Any) -> Any:
        if type(other) is not Tracer and type(other) not in _PLAIN_OPERANDS:
            if not isinstance(other, (np.ndarray, np.generic, list, tuple)):
                return NotImplemented
            other = _operand(other)
        primitive = PRIMITIVES[name]
        return bind(primitive, (other, self) if reflected else (self, other))

    return method


def _in_place(operation: Callable[[Tracer, Any], Any]) -> Callable[[Tracer, Any], Any]:
    def method(self: Tracer, other: Any) -> Any:
        result = operation(self, other)
        if result is NotImplemented:
            return result
        if not self.shape:  # as for NumPy's scalars: the name is bound anew, aliases keep the old
            _refuse_0d_array(self)
            return result
        if result.dtype != self.dtype:
            if not np.can_cast(result.dtype, self.dtype, "same_kind"):
                raise DTypeError(
                    f"an in-place operation cannot store {result.dtype} in an array of"
                    f" {self.dtype}; write x = x + y instead of x += y"
                )
            result = result.astype(self.dtype)
        write(self, result)
        return self

    return method


def _refuse_0d_array(x: Tracer) -> None:
    value = x.value
    while isinstance(value, TracedValue):
        value = value.value
    if isinstance(value, np.ndarray):
        raise TraceError(
            "x += y on a 0-d array, which NumPy would write to for all its names, is not recorded;"
            " write x = x + y, or x[...] = x + y"
        )


def _unary(name: str) -> Callable[[Tracer], Any]:
    return lambda self: bind(PRIMITIVES[name], (self,))


def _through_numpy(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def method(self: Tracer, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"As ``np.{name}(x, ...)``."
    return method


def _install_operators() -> None:
    for dunder, name in (
        ("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div"), ("pow", "pow"),
        ("matmul", "matmul"), ("mod", "mod"), ("floordiv", "floor_divide"),
        ("and", "bitwise_and"), ("or", "bitwise_or"), ("xor", "bitwise_xor"),
        ("lshift", "left_shift"), ("rshift", "right_shift"),
    ):  # fmt: skip
        method = _binary(name)
        setattr(Tracer, f"__{dunder}__", method)
        setattr(Tracer, f"__r{dunder}__", _binary(name, reflected=True))
        setattr(Tracer, f"__i{dunder}__", _in_place(method))
    for dunder, name in (
        ("lt", "less"), ("le", "less_equal"), ("gt", "greater"),
        ("ge", "greater_equal"), ("eq", "equal"), ("ne", "not_equal"),
    ):  # fmt: skip
        setattr(Tracer, f"__{dunder}__", _binary(name))
    for dunder, name in (("neg", "neg"), ("abs", "abs"), ("invert", "invert")):
        setattr(Tracer, f"__{dunder}__", _unary(name))
    for name in (
        "sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "all", "any", "argmax",
        "argmin", "argsort", "clip", "round", "ravel", "squeeze", "swapaxes", "dot",
        "astype", "nonzero", "conj", "conjugate",
    ):  # fmt: skip
        setattr(Tracer, name, _through_numpy(name))


_install_operators()
use_traced_type(Tracer)
