"""Reverse mode: a walk backwards over a recording, which pulls cotangents back along the edges.

Every variable collects the cotangents of all equations that used it, the sum over all paths to the
output, before its own equation is reached: ``ct_x = sum_uses (d use / d x)^T ct_use``. One sweep
gives the derivative of one output in every input; this is backpropagation (Linnainmaa, 1970;
Rumelhart, Hinton and Williams, 1986).

Rests on ``recording.py``; the forward walk is in ``jvp.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import Joint, missing_rule
from chainrule.core.trace import Record, Trace
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, flatten_like, unflatten
from chainrule.transforms.directions import checked, copies, or_zeros, separated
from chainrule.transforms.parts import pull_part
from chainrule.transforms.recording import Recording, differentiable_leaves, record
from chainrule.transforms.sweeps import count_reverse


def pull_back(
    recording: Recording, cotangents: Sequence[Any], wanted: Sequence[int] | None = None
) -> list[Any]:
    """The cotangents of the inputs, given those of the outputs: J^T ct, in one sweep backwards.

    A cotangent of None is zero, in what is given and in what is returned. ``wanted`` asks for the
    cotangents of other variables instead, by their index in the recording.
    """
    count_reverse()
    return walk_backwards(recording, cotangents, wanted)


def walk_backwards(
    recording: Recording, cotangents: Sequence[Any], wanted: Sequence[int] | None = None
) -> list[Any]:
    """The walk of one sweep, or of a part of one: the body of a loop."""
    recording.trace.check_constants()
    collected: list[Any] = [None] * recording.trace.count
    for index, ct in zip(recording.output_indices, cotangents, strict=True):
        if index >= 0 and ct is not None:
            _collect(collected, index, ct)
    targets = range(len(recording.inputs)) if wanted is None else wanted
    kept: frozenset[int] = frozenset() if wanted is None else frozenset(wanted)
    own: set[int] = set()
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # 1 / 0 times nothing is 0, see mul_or_zero
        for step in reversed(recording.trace.records):
            index = step[4]
            if step[0].several:
                ct = _of_several(step, collected, kept)
            else:
                ct = collected[index]
                if index not in kept:
                    collected[index] = None  # nothing needs it any more: free its memory
            if ct is None:
                continue
            if step[0].types_only and type(step[5]) is ArrayType:  # of a large array
                pull_part(step, ct, collected, own, mine=index in own and index not in kept)
            else:
                pull_equation(step, ct, collected)
    return [collected[i] for i in targets]


def _of_several(step: Record, collected: list[Any], kept: frozenset[int]) -> tuple[Any, ...] | None:
    """The cotangents of an operation with several results; None if all are zero."""
    places = range(step[4], step[4] + len(step[5]))
    cts = tuple(collected[i] for i in places)
    for i in places:
        if i not in kept:
            collected[i] = None
    return None if all(ct is None for ct in cts) else cts


def pull_equation(step: Record, ct: Any, collected: list[Any] | dict[int, Any]) -> None:
    """Pull the cotangent of an equation back to its operands, and add it to what they have."""
    primitive, indices, values, params, _index, out, _source = step
    derivative = primitive.derivative
    if type(derivative) is tuple:
        for edge, index in zip(derivative, indices):  # noqa: B905 - trailing integer inputs have none
            if index >= 0:
                part = edge.pull(ct, out, *values, **params)
                before = collected[index]
                collected[index] = part if before is None else before + part
    elif type(derivative) is Joint:
        flags = [index >= 0 for index in indices]
        parts = derivative.pull(ct, out, flags, *values, **params)
        for index, part in zip(indices, parts, strict=True):
            if index >= 0:
                _collect(collected, index, part)
    elif not primitive.is_constant:
        raise missing_rule(primitive, "reverse mode")


def _collect(collected: list[Any] | dict[int, Any], index: int, part: Any) -> None:
    before = collected[index]
    collected[index] = part if before is None else before + part


def cotangent_leaves(recording: Recording, cotangent: Any) -> list[Any]:
    """The leaves of a cotangent, which must match the output in structure, shape and kind."""
    leaves = flatten_like(recording.structure, cotangent, "the cotangent")
    return [
        checked(ct, out, "cotangent", "output")
        for ct, out in zip(leaves, recording.outputs, strict=True)
    ]


def record_for(f: Callable[..., Any], primals: Sequence[Any], *, has_aux: bool) -> Any:
    """Record ``f`` for differentiation; returns the recording and the primals' structure."""
    leaves, structure = differentiable_leaves(tuple(primals), "argument ")
    recording = record(
        lambda *xs: f(*unflatten(structure, xs)),
        leaves,
        trace=Trace(differentiates=True, forgets=True),
        has_aux=has_aux,
    )
    return recording, structure


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The value of ``f`` and its pullback: ``(f(x), ct -> J(x)^T ct)``.

    Args:
        f: a function of NumPy arrays, or of nested containers of them.
        primals: the arguments of ``f``.
        has_aux: ``f`` returns ``(out, aux)``; aux is not differentiated.

    Returns:
        ``(out, pullback)``, or ``(out, pullback, aux)``. ``pullback(ct)`` takes a cotangent with
        the structure and shapes of ``out`` and returns a tuple with one cotangent for each primal.
        Each call is one reverse sweep over the values that ``f`` computed, which stay as they
        were if primals, results or other arrays are written to. For complex values the transpose
        takes no conjugate, so that a real loss L has the gradient dL/dx - i dL/dy.

    Raises:
        ShapeError: the cotangent does not fit the output.
        DTypeError: a primal is not of floating-point numbers.

    >>> import numpy as np, chainrule as cr
    >>> out, pullback = cr.vjp(lambda x, y: x * y, np.array([1.0, 2.0]), 3.0)
    >>> out, pullback(np.array([1.0, 1.0]))
    (array([3., 6.]), (array([3., 3.]), np.float64(3.0)))
    """
    with users_frames:
        recording, structure = record_for(f, primals, has_aux=has_aux)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        with users_frames:
            given = cotangent_leaves(recording, cotangent)
            pulled = or_zeros(pull_back(recording, given), recording.inputs)
            return unflatten(structure, separated(pulled, given))

    out = unflatten(recording.structure, copies(recording.outputs))
    if not has_aux:
        return out, pullback
    leaves, aux_structure = flatten(recording.aux)
    return out, pullback, unflatten(aux_structure, copies(leaves))
