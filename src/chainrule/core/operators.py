"""Python's operators on traced values: arithmetic, comparisons and their in-place forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.aliasing import memory_of, write
from chainrule.core.errors import DTypeError
from chainrule.core.lists import as_array
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import TracedValue, bind, type_of

PLAIN_OPERANDS = frozenset(
    {np.ndarray, float, int, complex, bool, np.float64, np.float32, np.float16, np.int64, np.bool_}
)

_ARITHMETIC = (
    ("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div"), ("pow", "pow"),
    ("matmul", "matmul"), ("mod", "mod"), ("floordiv", "floor_divide"),
    ("and", "bitwise_and"), ("or", "bitwise_or"), ("xor", "bitwise_xor"),
    ("lshift", "left_shift"), ("rshift", "right_shift"),
)  # fmt: skip
_COMPARISONS = (
    ("lt", "less"), ("le", "less_equal"), ("gt", "greater"),
    ("ge", "greater_equal"), ("eq", "equal"), ("ne", "not_equal"),
)  # fmt: skip
_UNARY = (("neg", "neg"), ("abs", "abs"), ("invert", "invert"))


def operand(x: Any) -> Any:
    """An input of a ufunc as a value that can stand in a graph; lists become arrays."""
    plain = type(x) in PLAIN_OPERANDS or issubclass(type(x), (TracedValue, np.generic))
    return x if plain else as_array(x)


def _binary(cls: type, name: str, *, reflected: bool = False) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        if type(other) is not cls and type(other) not in PLAIN_OPERANDS:
            if not isinstance(other, (np.ndarray, np.generic, list, tuple)):
                return NotImplemented
            other = operand(other)
        primitive = PRIMITIVES[name]
        return bind(primitive, (other, self) if reflected else (self, other))

    return method


def _in_place(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        result = operation(self, other)
        if result is NotImplemented:
            return result
        if not self.shape and not isinstance(memory_of(self), np.ndarray):
            return result  # as for NumPy's scalars: the name is bound anew, aliases keep the old
        here, there = type_of(result).dtype, self.dtype
        if here != there:
            if not np.can_cast(here, there, "same_kind"):
                raise DTypeError(
                    f"an in-place operation cannot store {here} in an array of {there};"
                    " write x = x + y instead of x += y"
                )
            result = result.astype(there)
        write(self, result)
        return self

    return method


def _unary(name: str) -> Callable[[Any], Any]:
    return lambda self: bind(PRIMITIVES[name], (self,))


def install_operators(cls: type) -> None:
    """Give the class of traced values its operators."""
    for dunder, name in _ARITHMETIC:
        method = _binary(cls, name)
        setattr(cls, f"__{dunder}__", method)
        setattr(cls, f"__r{dunder}__", _binary(cls, name, reflected=True))
        setattr(cls, f"__i{dunder}__", _in_place(method))
    for dunder, name in _COMPARISONS:
        setattr(cls, f"__{dunder}__", _binary(cls, name))
    for dunder, name in _UNARY:
        setattr(cls, f"__{dunder}__", _unary(name))
