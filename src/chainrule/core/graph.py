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
from typing import Literal as OneOf

import numpy as np

from chainrule.core.places import place, short_place

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from pathlib import Path

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
    it was itself recorded. They have the line that called for the derivative. ``outside`` marks the
    line that called for the graph, which library code has that no function of the user's calls.
    """

    file: str
    line: int
    function: str
    sweep: str = ""
    outside: bool = False

    def __str__(self) -> str:
        return place(self.file, self.line)

    @property
    def short(self) -> str:
        """The place without the folders of its file."""
        return short_place(self.file, self.line)


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

    def from_cotangents(self, cotangents: Sequence[Any]) -> VariableNumbers:
        """The same with these cotangents of the outputs, that the reverse sweep starts from."""
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

    def draw(
        self,
        path: str | os.PathLike[str],
        *,
        values: bool = True,
        gradients: bool = True,
        unfold: bool = False,
        direction: OneOf["down", "right"] = "down",
        theme: OneOf["auto", "light", "dark"] = "auto",
        cotangents: Sequence[Any] | None = None,
        title: str = "",
    ) -> Path:
        """Draw the graph: ``x.svg`` is a picture, ``x.html`` a page in which groups unfold.

        Boxes are inputs, operations, constants and outputs; lines are variables, each with its
        value and below that the derivative of the output with respect to it. The larger that is,
        the wider is the line; it is dotted where the derivative is 0. Layers and repeated blocks
        of a large graph are folded into one box each.

        Args:
            path: the file; an old one is replaced when the new one is complete.
            values: write values on lines; of a graph that was traced with types, these.
            gradients: compute derivatives, and write them on lines.
            unfold: draw what is in folded groups, in an SVG; a page has it anyway.
            direction: where data flows to.
            theme: colours for light or dark paper; "auto" follows the reader's system.
            cotangents: one for each output (None is zero), if the graph's output is not one real
                number: derivatives on lines are those of ``sum(cotangent * output)``. Without them
                such a graph is drawn with values alone.
            title: what the picture is called.

        Returns:
            The path.

        Raises:
            ArgumentError: another suffix, direction or theme; cotangents, but no values.
            OSError: the file cannot be written; a missing folder is not made.

        >>> import tempfile, chainrule as cr
        >>> graph = cr.trace(lambda a, b: (a + b) * (b + 1))(2.0, 1.0)
        >>> graph.draw(f"{tempfile.mkdtemp()}/essay.svg", direction="right").name
        'essay.svg'
        """
        from chainrule.core.pictures import PICTURES

        return PICTURES["draw"](
            self, path, values=values, gradients=gradients, unfold=unfold, direction=direction,
            theme=theme, cotangents=cotangents, title=title,
        )  # fmt: skip

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the page and the picture of :meth:`draw`."""
        from chainrule.core.pictures import PICTURES

        return PICTURES["mimebundle"](self)
