"""One derivative, computed in every way there is: what ``check_gradients`` compares.

With t a direction of the arguments and u one of the results, first order is ``J t`` (forward),
``u J`` (reverse). Second order is ``H t`` of a curved function of the results, by the four
nestings of the two modes, of which forward over forward gives the number ``s H t`` alone.
Everything is a function of leaves, so that it can be compiled and batched as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from chainrule.branches.branching import Branching
from chainrule.checking.problem import Leaves, Vector, copied, vector
from chainrule.compile import Compiled, compile
from chainrule.core.errors import ChainruleError, NoRuleError, TraceError
from chainrule.core.trace import Trace, type_of
from chainrule.transforms.derived import grad
from chainrule.transforms.jvp import jvp
from chainrule.transforms.recording import record
from chainrule.transforms.vjp import vjp
from chainrule.transforms.vmap import vmap

Function = Callable[..., Any]
Executor = Literal["native", "interpreter"]
Answers = dict[str, Vector]

VALUE, FORWARD, REVERSE = "value", "forward", "reverse"
HESSIANS = ("forward over reverse", "reverse over forward", "reverse over reverse")
TWICE_FORWARD = "forward over forward"


@dataclass(frozen=True)
class Directions:
    """Tangents ``t`` and ``s`` of the arguments, a cotangent ``u`` of the results."""

    t: Leaves
    s: Leaves
    u: Leaves
    sizes: tuple[float, ...]  # of the results: the curved function is of results over sizes


@dataclass(frozen=True)
class Ways:
    """All ways to the derivatives of a function of leaves, each with its name.

    ``skipped`` are those that a rule is missing for.
    """

    f: Function
    order: int
    names: tuple[str, ...]

    def __call__(self, xs: Leaves, d: Directions) -> list[Any]:
        """The leaves of the answers, way by way, for traced arguments as well."""
        return [_WAYS[name](self.f, xs, d) for name in self.names]

    def answers(self, xs: Leaves, d: Directions) -> Answers:
        """The answers as vectors."""
        found = self([copied(x) for x in xs], d)
        return {n: vector(leaves) for n, leaves in zip(self.names, found, strict=True)}


def ways_of(f: Function, order: int, xs: Leaves, d: Directions) -> tuple[Ways, list[str]]:
    """The ways that there are rules for, and why others are left out."""
    wanted = [VALUE, FORWARD, REVERSE]
    if order == 2 and any(type_of(x).size for x in f(*map(copied, xs))):
        wanted += [*HESSIANS, TWICE_FORWARD]
    names: list[str] = []
    skipped: list[str] = []
    for name in wanted:
        try:
            _WAYS[name](f, [copied(x) for x in xs], d)
        except NoRuleError as error:
            skipped.append(f"{name}: {error}")
        else:
            names.append(name)
    if not {FORWARD, REVERSE} & set(names):
        raise NoRuleError(f"check_gradients: there is no derivative to check. {skipped[0]}")
    return Ways(f, order, tuple(names)), skipped


# ---- each way ------------------------------------------------------------------------------------


def _value(f: Function, xs: Leaves, d: Directions) -> Leaves:
    return vjp(f, *xs)[0]


def _forward(f: Function, xs: Leaves, d: Directions) -> Leaves:
    return jvp(f, xs, d.t)[1]


def _reverse(f: Function, xs: Leaves, d: Directions) -> Leaves:
    return vjp(f, *xs)[1](list(d.u))


def real(x: Any) -> Any:
    """The sum of the real parts."""
    return cast("Any", np).sum(cast("Any", np).real(x))


def curved(f: Function, d: Directions) -> Function:
    """A real number made of the results, in which their second derivatives show."""

    def loss(*xs: Any) -> Any:
        total: Any = 0.0
        for out, u, size in zip(f(*xs), d.u, d.sizes, strict=True):
            part = out * (1 / size)
            total = total + real(u * part + 0.25 * u * part * part)
        return total

    return loss


def gradient_of(f: Function, d: Directions) -> Function:
    """The gradient of the curved function in all arguments."""
    return grad(curved(f, d), tuple(range(len(d.t))))


def _forward_over_reverse(f: Function, xs: Leaves, d: Directions) -> Leaves:
    return jvp(gradient_of(f, d), xs, d.t)[1]


def _reverse_over_forward(f: Function, xs: Leaves, d: Directions) -> Leaves:
    loss = curved(f, d)
    return grad(lambda *ys: jvp(loss, ys, d.t)[1], tuple(range(len(xs))))(*xs)


def _reverse_over_reverse(f: Function, xs: Leaves, d: Directions) -> Leaves:
    gradient = gradient_of(f, d)

    def paired(*ys: Any) -> Any:
        total: Any = 0.0
        for g, t in zip(gradient(*ys), d.t, strict=True):
            total = total + real(g * t)
        return total

    return grad(paired, tuple(range(len(xs))))(*xs)


def _forward_over_forward(f: Function, xs: Leaves, d: Directions) -> Leaves:
    loss = curved(f, d)
    return [jvp(lambda *ys: jvp(loss, ys, d.t)[1], xs, d.s)[1]]


_WAYS: dict[str, Callable[[Function, Leaves, Directions], Leaves]] = {
    VALUE: _value,
    FORWARD: _forward,
    REVERSE: _reverse,
    HESSIANS[0]: _forward_over_reverse,
    HESSIANS[1]: _reverse_over_forward,
    HESSIANS[2]: _reverse_over_reverse,
    TWICE_FORWARD: _forward_over_forward,
}


# ---- compiled and batched ------------------------------------------------------------------------


@dataclass(frozen=True)
class Machine:
    """The ways as one compiled function."""

    ways: Ways
    run: Compiled | Branching

    def answers(self, xs: Leaves, d: Directions) -> Answers:
        """As :meth:`Ways.answers`."""
        found = self.run([copied(x) for x in xs], list(d.t), list(d.s), list(d.u))
        return {n: vector(leaves) for n, leaves in zip(self.ways.names, found, strict=True)}


def compiled(
    ways: Ways, xs: Leaves, d: Directions, executor: Executor
) -> tuple[Machine | None, str]:
    """The ways compiled, or None and why not; a function that branches on values is, too."""

    def of_leaves(ys: Any, t: Any, s: Any, u: Any) -> Any:
        return ways(ys, Directions(t, s, u, d.sizes))

    reasons: list[str] = []
    attempts = (
        compile(of_leaves, executor=executor),
        compile(of_leaves, executor=executor, branches=True),
    )
    for run in attempts:
        machine = Machine(ways, run)
        try:
            machine.answers(xs, d)
            machine.answers(xs, d)  # the second call of one that branches is by graphs
        except (TraceError, NoRuleError) as error:
            reasons.append(str(error))
        else:
            return machine, ""
    return None, reasons[0]


def batched(ways: Ways, many: Sequence[Leaves], d: Directions) -> tuple[list[Answers], str]:
    """The answers at several points by one batched call, or none and why not."""
    axes = [None if type_of(x).weak else 0 for x in many[0]]
    if all(axis is None for axis in axes):
        return [], ""  # nothing to batch
    stacked = [
        xs[0] if axis is None else np.stack([np.asarray(x) for x in xs])
        for xs, axis in zip(zip(*many, strict=True), axes, strict=True)
    ]
    try:
        found = vmap(lambda *ys: ways(ys, d), in_axes=tuple(axes))(*stacked)
    except ChainruleError as error:
        return [], str(error)
    return [
        {
            name: vector([leaf[i] for leaf in leaves])
            for name, leaves in zip(ways.names, found, strict=True)
        }
        for i in range(len(many))
    ], ""


# ---- in what precision ---------------------------------------------------------------------------


def precision_of(f: Function, xs: Leaves) -> float:
    """The spacing at 1 of the narrowest floating-point numbers that the function computes with."""
    trace = Trace(differentiates=True)
    recording = record(f, xs, trace=trace)
    kinds: set[Any] = {type_of(x).dtype for x in (*xs, *recording.outputs)}
    for step in trace.records:
        for x in step[5] if step[0].several else (step[5],):
            kinds.add(type_of(x).dtype)
    return max(float(np.finfo(kind).eps) for kind in kinds if kind.kind in "fc")
