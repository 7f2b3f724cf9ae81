"""Forward mode: a walk forwards over a recording, which pushes tangents along the edges.

At every equation the tangents that come in over its edges are mapped by the local derivatives and
summed: ``t_out = sum_i (d out / d x_i) t_i``. A tangent of None is zero and costs nothing. Values
that are themselves traced make the walk a part of the outer recording, which is how derivatives
nest.

Rests on ``recording.py``; the reverse walk is in ``vjp.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.primitive import Joint, missing_rule
from chainrule.core.trace import Record, Trace
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import Structure, flatten_like, unflatten
from chainrule.transforms.directions import checked, copies, or_zeros, separated
from chainrule.transforms.recording import Recording, differentiable_leaves, record
from chainrule.transforms.sweeps import count_forward


def push_forward(recording: Recording, tangents: Sequence[Any]) -> list[Any]:
    """The tangents of the outputs, given those of the inputs: J t, in one sweep forwards."""
    count_forward()
    return walk_forwards(recording, tangents)


def walk_forwards(recording: Recording, tangents: Sequence[Any]) -> list[Any]:
    """The walk of one sweep, or of a part of one: the body of a loop."""
    recording.trace.check_constants()
    known: list[Any] = [None] * recording.trace.count
    known[: len(tangents)] = tangents
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # 1 / 0 times nothing is 0, see mul_or_zero
        for step in recording.trace.records:
            total = _push_equation(step, known)
            if total is not None:
                index = step[4]
                if step[0].several:
                    known[index : index + len(total)] = total
                else:
                    known[index] = total
    pushed = [known[index] if index >= 0 else None for index in recording.output_indices]
    return or_zeros(pushed, recording.outputs)


def _push_equation(step: Record, known: list[Any]) -> Any:
    primitive, indices, values, params, _index, out, _source = step
    tangents = [known[i] if i >= 0 else None for i in indices]
    if all(t is None for t in tangents) or primitive.is_constant:
        return None
    derivative = primitive.derivative
    if type(derivative) is Joint:
        return derivative.push(tangents, out, *values, **params)
    if type(derivative) is not tuple:
        raise missing_rule(primitive, "forward mode")
    total = None
    for edge, t in zip(derivative, tangents, strict=False):
        if t is not None:
            part = edge.push(t, out, *values, **params)
            total = part if total is None else total + part
    return total


def tangent_leaves(structure: Structure, primals: Sequence[Any], tangents: Any) -> list[Any]:
    """The leaves of ``tangents``, which must match the primals in structure, shape and kind."""
    leaves = flatten_like(structure, tangents, "tangents")
    return [checked(t, x, "tangent", "primal") for t, x in zip(leaves, primals, strict=True)]


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of ``f`` and its derivative in one direction, ``(f(x), J(x) t)``: a forward sweep.

    Args:
        f: a function of NumPy arrays, or of nested containers of them.
        primals: the arguments of ``f``, as a tuple or list.
        tangents: a direction for each argument, of the same structure and shapes.

    Returns:
        ``(out, out_tangent)``, both with the structure of ``f``'s result.

    Raises:
        ShapeError: tangents do not fit the primals.
        DTypeError: a primal is not of floating-point numbers.

    >>> import numpy as np, chainrule as cr
    >>> cr.jvp(np.sin, (0.0,), (2.0,))
    (np.float64(0.0), np.float64(2.0))

    Source: Griewank and Walther, Evaluating Derivatives (2008), section 3.1.
    """
    with users_frames:
        out, push = linearize(f, *primals)
        if len(tangents) != len(primals):
            raise ShapeError(f"jvp got {len(primals)} primals and {len(tangents)} tangents")
        return out, push(*tangents)


def linearize(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of ``f`` and its linear approximation there: ``(f(x), t -> J(x) t)``.

    ``f`` runs once; each call of the second result is one forward sweep over what was recorded.

    >>> import numpy as np, chainrule as cr
    >>> out, f_jvp = cr.linearize(lambda x: x * x, np.array([1.0, 2.0]))
    >>> f_jvp(np.array([1.0, 0.0])), f_jvp(np.array([0.0, 1.0]))
    (array([2., 0.]), array([0., 4.]))
    """
    with users_frames:
        leaves, structure = differentiable_leaves(tuple(primals), "argument ")
        recording = record(
            lambda *xs: f(*unflatten(structure, xs)),
            leaves,
            trace=Trace(differentiates=True, forgets=True),
        )

    def f_jvp(*tangents: Any) -> Any:
        with users_frames:
            given = tangent_leaves(structure, leaves, tuple(tangents))
            pushed = push_forward(recording, given)
            return unflatten(recording.structure, separated(pushed, given))

    return unflatten(recording.structure, copies(recording.outputs)), f_jvp
