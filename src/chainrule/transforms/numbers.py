"""The numbers behind a graph: the value and the cotangent of each of its variables.

A graph never computes and holds no arrays but its constants; one that was traced at values keeps
those of its inputs, and its :class:`Numbers` compute the others when they are asked for: one sweep
forwards, one backwards. What is drawn on the edges of a graph, and said of them, comes from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import Graph, Literal, Var
from chainrule.core.trace import Trace, TracedValue, bind, type_of
from chainrule.drawing.number_table import number_html, number_lines
from chainrule.transforms.directions import checked
from chainrule.transforms.recording import Recording
from chainrule.transforms.vjp import pull_back

Array = Any


class Numbers:
    """Values and cotangents of a graph's variables at given inputs.

    Args:
        graph: the graph.
        inputs: one value for each input of the graph.
        cotangents: one for each output (None is zero), that the reverse sweep starts from; 1 for a
            graph with one real number as output, and needed for others.

    >>> import chainrule as cr
    >>> graph = cr.trace(lambda a, b: (a + b) * (b + 1))(2.0, 1.0)
    >>> a, b = graph.inputs
    >>> c, d, e = (equation.outputs[0] for equation in graph.equations)
    >>> numbers = Numbers(graph, [2.0, 1.0])
    >>> float(numbers.value(e)), float(numbers.cotangent(c)), float(numbers.cotangent(b))
    (6.0, 2.0, 5.0)

    Shown, they are a table of all variables:

    >>> def expression(a, b):
    ...     c = a + b
    ...     d = b + 1
    ...     return c * d
    >>> cr.trace(expression)(2.0, 1.0).numbers
    variable    value  ∂expression/∂  operation  line
    a               2              2  input
    b               1              5  input
    c               3              2  add        2: c = a + b
    d               2              3  add        3: d = b + 1
    expression      6              1  mul        4: return c * d
    """

    def __init__(
        self, graph: Graph, inputs: Sequence[Any], cotangents: Sequence[Any] | None = None
    ) -> None:
        if len(inputs) != len(graph.inputs):
            raise ShapeError(f"the graph has {len(graph.inputs)} inputs, got {len(inputs)}")
        self.graph = graph
        self._trace = Trace(differentiates=True)
        self.inputs = tuple(map(self._trace.keep, inputs))  # as they are now
        self._given = cotangents

    def value(self, x: Var | Literal) -> Array:
        """The value of a variable, or of a constant that stands in the graph."""
        return x.value if isinstance(x, Literal) else self._values[x]

    def cotangent(self, x: Var) -> Array | None:
        """d output / d x, summed over all paths; None where the output does not depend on x.

        Raises:
            ArgumentError: the graph's output is not one real number, and no cotangents were given.
        """
        return self._cotangents.get(x)

    def from_cotangents(self, cotangents: Sequence[Any]) -> Numbers:
        """The same with these cotangents of the outputs, that the reverse sweep starts from."""
        return Numbers(self.graph, self.inputs, cotangents)

    def __str__(self) -> str:
        return number_lines(self.graph, self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return number_html(self.graph, self)

    @cached_property
    def _recording(self) -> tuple[Recording, dict[Var, Any]]:
        trace = self._trace
        trace.check_constants()
        tracers = [trace.lift(x) for x in self.inputs]
        known: dict[Var, Any] = dict(zip(self.graph.inputs, tracers, strict=True))
        for e in self.graph.equations:
            operands = [x.value if isinstance(x, Literal) else known[x] for x in e.inputs]
            result = bind(e.primitive, operands, e.params)
            known.update(zip(e.outputs, result if e.primitive.several else (result,), strict=True))
        trace.finished = True
        outs = [x.value if isinstance(x, Literal) else known[x] for x in self.graph.outputs]
        indices = [x.index if isinstance(x, TracedValue) else -1 for x in outs]
        values = [x.value if isinstance(x, TracedValue) else x for x in outs]
        structure: Any = None  # nobody puts these outputs together again
        return Recording(trace, list(self.inputs), values, indices, structure), known

    @cached_property
    def _values(self) -> dict[Var, Any]:
        _, known = self._recording
        return {v: x.value if isinstance(x, TracedValue) else x for v, x in known.items()}

    @cached_property
    def _cotangents(self) -> dict[Var, Any]:
        recording, known = self._recording
        followed = {v: x.index for v, x in known.items() if isinstance(x, TracedValue)}
        found = pull_back(recording, self._seeds(recording.outputs), list(followed.values()))
        return {v: ct for v, ct in zip(followed, found, strict=True) if ct is not None}

    def _seeds(self, outputs: list[Any]) -> list[Any]:
        if self._given is None:
            types = [type_of(x) for x in outputs]
            if len(types) != 1 or types[0].shape != () or types[0].dtype.kind != "f":
                shown = ", ".join(map(str, types))
                raise ArgumentError(
                    f"the graph's output is {shown}, and not one real number; give the cotangents"
                    " of its outputs that the reverse sweep starts from"
                )
            return [np.ones((), types[0].dtype)]
        if len(self._given) != len(outputs):
            raise ShapeError(f"the graph has {len(outputs)} outputs, got {len(self._given)}")
        return [
            None if ct is None else checked(ct, out, "cotangent", "output")
            for ct, out in zip(self._given, outputs, strict=True)
        ]
