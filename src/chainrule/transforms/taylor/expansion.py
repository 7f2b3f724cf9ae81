"""The series of any operation, from its local derivative.

For ``y = p(x)`` along a path, ``y' = push(x'; y, x)``. The right-hand side is recorded once, and is
a series too, of the operations that it is made of; coefficient k of ``y'`` gives coefficient k + 1
of y and needs y only up to k, so the recording may read y itself. Where it reads nothing but
tangents, the derivative is constant along the path, and each order is pushed alone.

The operations in the recording are expanded in the same way, each an order less, which ends. Equal
operations on equal series are one: the derivative of the sine asks for the cosine of the same
series, whose derivative asks for the sine that is there. So the cost is a polynomial in the order,
not the number of terms of a derivative that is written out. Most classical recurrences (Griewank
and Walther, Evaluating Derivatives, 2008, table 13.2) come out of this by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.core.keys import params_key
from chainrule.core.primitive import Joint, Primitive, missing_rule
from chainrule.core.trace import Record, Trace, TracedValue, type_of
from chainrule.transforms.custom.equation import Typed
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.recording import Recording, record
from chainrule.transforms.taylor.series import (
    Coefficients,
    Series,
    by_number,
    product,
    quotient,
    shifted,
    solution,
)

PRODUCTS = frozenset({"mul", "mul_or_zero", "matmul", "einsum"})


@dataclass(frozen=True)
class Known:
    """The series of operations that are there, by what makes them equal.

    ``order`` is the order up to which the series of all inputs can be asked for at once; None
    inside of an expansion, where they are found as they are needed.
    """

    order: int | None
    series: dict[Hashable, tuple[Series, ...]] = field(
        default_factory=dict[Hashable, tuple[Series, ...]]
    )


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation with the series of its inputs and its values at t = 0."""

    primitive: Primitive
    inputs: Sequence[Series]
    values: Sequence[Any]
    params: Mapping[str, Any]
    out: tuple[Any, ...]

    @property
    def moving(self) -> list[int]:
        """The inputs that change along the path."""
        return [i for i, x in enumerate(self.inputs) if not x.constant]

    def key(self) -> Hashable:
        """Equal for equal operations."""
        inputs = tuple(
            _constant_key(value) if x.constant else ("series", id(x))
            for x, value in zip(self.inputs, self.values, strict=True)
        )
        call = self.params.get("call")
        params = call.key if isinstance(call, Typed) else params_key(self.params)
        return self.primitive, inputs, params

    def push(self, tangents: Coefficients, out: Coefficients, values: Coefficients) -> list[Any]:
        """The local derivative, one result for each of the operation's; None is zero."""
        derivative = self.primitive.derivative
        whole = out if self.primitive.several else out[0]
        if isinstance(derivative, Joint):
            pushed = derivative.push(tangents, whole, *values, **self.params)
            return list(pushed) if self.primitive.several else [pushed]
        if not isinstance(derivative, tuple):
            raise missing_rule(self.primitive, "Taylor mode")
        total = None
        for edge, t in zip(derivative, tangents, strict=False):
            part = None if t is None else edge.push(t, whole, *values, **self.params)
            total = part if total is None else total if part is None else total + part
        return [total]


def _constant_key(value: Any) -> Hashable:
    kind = type_of(value)
    if kind.shape == () and not isinstance(value, TracedValue):
        return "number", np.asarray(value).tobytes(), kind
    return "constant", id(value)


def series_of(operation: Operation, known: Known, rules: Rules) -> tuple[Series, ...]:
    """The series of the results of an operation."""
    if operation.primitive.is_constant or not operation.moving:
        return tuple(Series([x]) for x in operation.out)
    key = operation.key()
    if key not in known.series:
        known.series[key] = made = _new(operation, known, rules)
        if operation.primitive.name == "neg":  # of this the negative is there: a sigmoid asks for
            back = replace(operation, inputs=made)  # that of -x, which asks for that of -(-x)
            known.series[back.key()] = (operation.inputs[0],)
    return known.series[key]


Rules = Mapping[str, Callable[[Operation, Known], tuple[Series, ...]]]


def _new(operation: Operation, known: Known, rules: Rules) -> tuple[Series, ...]:
    name, inputs = operation.primitive.name, operation.inputs
    if name in PRODUCTS:
        return (product(operation.primitive, inputs, operation.params, operation.out[0]),)
    if name == "div":
        return (quotient(inputs, operation.out[0]),)
    if name == "solve":
        return (solution(inputs, operation.out[0]),)
    if name in rules:
        return rules[name](operation, known)
    return Expansion(operation, replace(known, order=None), rules).series


class Expansion:
    """The series of an operation by its local derivative, which is recorded when first needed."""

    def __init__(self, operation: Operation, known: Known, rules: Rules) -> None:
        self._operation = operation
        self._known = known
        self._rules = rules
        self._recording: Recording | None = None
        self._parts: list[Series] = []  # of the recording, in its order
        self._slopes: list[Series] = []  # of the results; none where the derivative is constant
        self._found: dict[int, list[Any]] = {}
        self.series = tuple(
            Series([x], lambda k, i=i: self._coefficients(k)[i])
            for i, x in enumerate(operation.out)
        )

    def _coefficients(self, k: int) -> list[Any]:
        """Coefficient k of all results."""
        if k not in self._found:
            self._found[k] = self._next(k)
        return self._found[k]

    def _next(self, k: int) -> list[Any]:
        if self._recording is None:
            self._recording = self._recorded()
            if not _reads_only(self._recording, len(self._operation.moving)):
                self._expand(self._recording)
        if self._slopes:
            for part in self._parts:  # in order, so that nothing recurses along the recording
                part.at(k - 1)
            return [by_number(slope.at(k - 1), k) for slope in self._slopes]
        operation = self._operation
        tangents = [x.at(k) for x in operation.inputs]
        if all(t is None for t in tangents):
            return [None] * len(operation.out)
        return operation.push(tangents, operation.out, operation.values)

    def _recorded(self) -> Recording:
        """What the local derivative does with the tangents, the results and the inputs."""
        operation = self._operation
        moving = operation.moving
        n, m = len(moving), len(operation.out)

        def pushed(*given: Any) -> list[Any]:
            tangents: list[Any] = [None] * len(operation.inputs)
            values = list(operation.values)
            for i, t, x in zip(moving, given, given[n + m :], strict=False):
                tangents[i], values[i] = t, x
            return or_zeros(operation.push(tangents, given[n : n + m], values), operation.out)

        values = [operation.values[i] for i in moving]
        tangents = or_zeros([operation.inputs[i].at(1) for i in moving], values)
        leaves = [*tangents, *operation.out, *values]
        return record(pushed, leaves, trace=Trace(differentiates=True))

    def _expand(self, recording: Recording) -> None:
        """Give every operation of the recording a series."""
        moving = [self._operation.inputs[i] for i in self._operation.moving]
        places = dict(enumerate([*map(self._shifted, moving), *self.series, *moving]))
        for step in live(recording):
            made = series_of(operation_of(step, places), self._known, self._rules)
            places.update(enumerate(made, start=step[4]))
            self._parts += made
        self._slopes = [
            places[i] if i >= 0 else Series([x])
            for i, x in zip(recording.output_indices, recording.outputs, strict=True)
        ]

    def _shifted(self, x: Series) -> Series:
        key = "shifted", id(x)
        if key not in self._known.series:
            self._known.series[key] = (shifted(x),)
        return self._known.series[key][0]


def operation_of(step: Record, places: Mapping[int, Series]) -> Operation:
    """A record as an operation on series, given those of the variables."""
    primitive, indices, values, params, _index, out, _source = step
    inputs = [places[i] if i >= 0 else Series([x]) for i, x in zip(indices, values, strict=True)]
    if "kept" in params:  # residuals of this value alone: along a path they change
        params = {name: x for name, x in params.items() if name != "kept"}
    return Operation(primitive, inputs, values, params, out if primitive.several else (out,))


def live(recording: Recording) -> list[Record]:
    """The records that an output depends on."""
    needed = set(recording.output_indices)
    kept: list[Record] = []
    for step in reversed(recording.trace.records):
        n = len(step[5]) if step[0].several else 1
        if any(i in needed for i in range(step[4], step[4] + n)):
            needed.update(step[1])
            kept.append(step)
    return kept[::-1]


def _reads_only(recording: Recording, n: int) -> bool:
    """Whether what the outputs depend on is made of the first ``n`` inputs alone."""
    inputs = len(recording.inputs)
    steps = live(recording)
    read = {i for step in steps for i in step[1]} | set(recording.output_indices)
    return not any(n <= i < inputs for i in read)
