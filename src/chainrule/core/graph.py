"""The computational graph: frozen records that never compute.

A :class:`Graph` is a straight list of :class:`Equation` s in single-assignment form. Each equation
applies one primitive to inputs that are variables (:class:`Var`) or constants (:class:`Literal`).
Whatever happens in chainrule happens to this one object: it is differentiated, compiled, drawn,
explained and checked.

Rests on nothing but NumPy's dtypes. Made by ``transforms/trace.py``, checked by ``check.py``,
printed by ``show.py``, run by ``executors/``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chainrule.core.primitive import Primitive


@dataclass(frozen=True, slots=True)
class ArrayType:
    """What is known of an array before it has a value: shape and dtype.

    ``weak`` marks a Python number: as in NumPy (NEP 50) it does not decide the dtype of a result.

    >>> ArrayType((2, 3), "float32")
    float32[2, 3]
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    weak: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        object.__setattr__(self, "dtype", np.dtype(self.dtype))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __repr__(self) -> str:
        name = f"{self.dtype.name}~" if self.weak else self.dtype.name
        return f"{name}{list(self.shape)}" if self.shape else name


@dataclass(frozen=True, eq=False, slots=True)
class Var:
    """A variable of a graph: the result of one equation, or an input. Compared by identity."""

    type: ArrayType


@dataclass(frozen=True, eq=False, slots=True)
class Literal:
    """A constant that stands in an equation."""

    value: Any
    type: ArrayType


class Source(NamedTuple):
    """The place in the user's program that made an equation.

    ``sweep`` is "backward" or "forward" for equations of a derivative: those that a sweep made when
    it was itself recorded. They have the line that called for the derivative.
    """

    file: str
    line: int
    function: str
    sweep: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


NO_PARAMS: Mapping[str, Any] = {}


@dataclass(frozen=True, eq=False, slots=True)
class Equation:
    """``outputs = primitive(inputs, **params)``, and where in the user's code it came from."""

    primitive: Primitive
    inputs: tuple[Var | Literal, ...]
    outputs: tuple[Var, ...]
    params: Mapping[str, Any] = field(default_factory=lambda: NO_PARAMS)
    source: Source | None = None


class VariableNumbers(Protocol):
    """The numbers of a graph's variables: ``transforms/numbers.py``."""

    def value(self, x: Var | Literal) -> Any:
        """The value of a variable or constant."""
        ...

    def cotangent(self, x: Var) -> Any:
        """d output / d x, or None where the output does not depend on x."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Graph:
    """A function as a list of equations in the order in which they can be computed.

    ``str(graph)`` is the text form, see ``chainrule.core.show``; :meth:`draw` makes a picture. A
    graph that was traced at values has ``numbers``, which compute the value and the cotangent of
    each of its variables when they are asked for. ``input_names`` are those of the function's
    arguments and their parts, one for each input; "" where nobody named it.

    >>> import numpy as np, chainrule as cr
    >>> print(cr.trace(lambda a, b: (a + b) * (b + 1))(2.0, 1.0))
    graph(a: float64~, b: float64~)
      c: float64~ = add a b
      d: float64~ = add b 1
      e: float64~ = mul c d
      return e
    >>> graph = cr.trace(lambda a, b: (a + b) * (b + 1))(2.0, 1.0)
    >>> a, b = graph.inputs
    >>> float(graph.numbers.value(graph.outputs[0])), float(graph.numbers.cotangent(b))
    (6.0, 5.0)
    """

    inputs: tuple[Var, ...]
    equations: tuple[Equation, ...]
    outputs: tuple[Var | Literal, ...]
    numbers: VariableNumbers | None = None
    input_names: tuple[str, ...] = ()

    def __str__(self) -> str:
        from chainrule.core.show import show

        return show(self)

    __repr__ = __str__
