"""``vmap``: from a function of one example to the same of a batch, without a Python loop.

The function is recorded once by the types of one example, and the graph is walked with batched
values (``batching.py``). Arguments that are not mapped keep their values, so Python can branch on
those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.trace import Trace, shape_of, type_of, wants_sources
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import Structure, flatten, leaf_names, spread_prefix, unflatten
from chainrule.ops.batch import with_axis
from chainrule.ops.define import axis_of
from chainrule.ops.shaping import transpose
from chainrule.transforms.batching import evaluate_batched
from chainrule.transforms.directions import separated
from chainrule.transforms.recording import checked_value, record, require_function
from chainrule.transforms.trace import freeze

Axes = Any  # an int, None, or a container of them


def vmap(f: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0) -> Callable[..., Any]:
    """``f`` of one example as a function of a batch: ``out[i] = f(x[i])`` for all i at once.

    The result is that of a Python loop over the examples, stacked, but the graph is as long as that
    of one example, products become products of matrices, and it can be differentiated and compiled
    like any function; derivatives can stand inside: ``cr.vmap(cr.grad(loss), in_axes=(None, 0,
    0))`` is the gradient of every example. Loops and branches of ``cr.scan``, ``cr.while_loop`` and
    ``cr.cond`` go along, each example for as long and by the branch that is its own.

    Args:
        f: a function of arrays, or of nested containers of them.
        in_axes: the axis of the examples: an integer for all arguments, or a tuple with an entry
            for each; an entry is an integer, None for what is the same for all examples, or a
            container of these as far as the argument's own structure goes. Keyword arguments are
            the same for all examples.
        out_axes: where the axis of the examples stands in the results, in the same way; None for a
            result that is the same for all.

    Returns:
        A function of the same arguments, arrays with one more axis where they are mapped.

    Raises:
        ArgumentError: axes that do not fit the arguments, or nothing is mapped.
        ShapeError: the arguments differ in the number of examples.
        TraceError: ``f`` branches in Python on a value of an example: use ``np.where`` or
            ``cr.cond``.

    >>> import numpy as np, chainrule as cr
    >>> W, X = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> cr.vmap(lambda W, x: W @ x, in_axes=(None, 0))(W, X)
    array([[1., 3.],
           [2., 4.],
           [3., 7.]])
    >>> cr.vmap(cr.grad(np.sin))(np.array([0.0, np.pi]))
    array([ 1., -1.])
    """

    require_function(f, "vmap")
    return batched(f, in_axes, out_axes, of_user=True)


def batched(
    f: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0, *, of_user: bool = False
) -> Callable[..., Any]:
    """As :func:`vmap`, of a user's function or of a walk over what was recorded of one."""

    def of_batch(*args: Any, **kwargs: Any) -> Any:
        with users_frames:
            leaves, structure = flatten(args)
            axes = _axes_of_arguments(in_axes, args)
            size = _size(leaves, axes, leaf_names(structure))
            places = [i for i, x in enumerate(leaves) if axes[i] is not None or _is_array(x)]
            flags = tuple(axes[i] is not None for i in places)

            def of_example(*xs: Any) -> Any:
                full = list(leaves)
                for i, x in zip(places, xs, strict=True):
                    full[i] = x
                return f(*unflatten(structure, full), **kwargs)

            inputs = [_to_front(leaves[i], axes[i]) for i in places]
            examples = [_example(x) if flag else x for x, flag in zip(inputs, flags, strict=True)]
            trace = Trace(differentiates=False, sources=wants_sources(inputs))
            recording = record(of_example, examples, trace=trace, of_user=of_user)
            outputs, which = evaluate_batched(freeze(recording), inputs, flags, size)
            results = _placed(outputs, which, recording.structure, out_axes, size)
            return unflatten(recording.structure, separated(results, leaves))

    return of_batch


# ---- axes ----------------------------------------------------------------------------------------


def _axes(axes: Axes, tree: Any, what: str) -> list[int | None]:
    """An axis for each leaf of the arguments or results."""
    try:
        found = spread_prefix(axes, tree)
    except ValueError as error:
        raise ArgumentError(
            f"vmap: {what}={axes!r} does not fit the {_OF[what]}: {error}"
        ) from None
    for axis in found:
        if axis is not None and not isinstance(axis, (int, np.integer)):
            raise ArgumentError(f"vmap: {what}={axes!r} holds {axis!r}; give integers or None")
    return found


_OF = {"in_axes": "arguments", "out_axes": "results"}


def _axes_of_arguments(in_axes: Axes, args: tuple[Any, ...]) -> list[int | None]:
    if isinstance(in_axes, (tuple, list)):
        in_axes = tuple(cast("Sequence[Any]", in_axes))
        if len(in_axes) != len(args):
            raise ArgumentError(
                f"vmap: in_axes={in_axes!r} has {len(in_axes)} entries, but the function was called"
                f" with {len(args)} positional arguments; keyword arguments are the same for all"
                " examples"
            )
    axes = _axes(in_axes, args, "in_axes")
    if all(axis is None for axis in axes):
        raise ArgumentError(f"vmap: in_axes={in_axes!r} maps no argument; call the function itself")
    return axes


def _size(leaves: Sequence[Any], axes: Sequence[int | None], names: Sequence[str]) -> int:
    """The number of examples, on which all mapped arguments must agree."""
    found: dict[int, str] = {}
    for x, axis, name in zip(leaves, axes, names, strict=True):
        if axis is None:
            continue
        shape = shape_of(checked_value(x, f"vmap: argument {name} is"))
        if not -len(shape) <= axis < len(shape):
            raise ShapeError(
                f"vmap: argument {name} of shape {shape} has no axis {axis} to map; give None for"
                " it in in_axes if it is the same for all examples"
            )
        found.setdefault(shape[axis], f"argument {name} of shape {shape} along axis {axis}")
    if len(found) > 1:
        said = "; ".join(f"{n} examples in {where}" for n, where in found.items())
        raise ShapeError(f"vmap: the arguments differ in the number of examples: {said}")
    return next(iter(found))


def _is_array(x: Any) -> bool:
    """Whether to record what happens to an argument that is not mapped.

    An array is: a mapped index can then look it up, which an ndarray does not let happen.
    """
    return type(x) is np.ndarray and x.ndim > 0 and x.dtype.kind in "biufc"


def _example(x: Any) -> ArrayType:
    return ArrayType(shape_of(x)[1:], type_of(x).dtype)


def _to_front(x: Any, axis: int | None) -> Any:
    if axis is None:
        return x
    n = len(shape_of(x))
    axis = axis_of(axis, n)
    return x if axis == 0 else transpose(x, order=(axis, *(i for i in range(n) if i != axis)))


def _placed(
    outputs: Sequence[Any], found: Sequence[bool], structure: Structure, out_axes: Axes, size: int
) -> list[Any]:
    """The outputs with the axis of examples where it is asked for."""
    axes = _axes(out_axes, unflatten(structure, outputs), "out_axes")
    results: list[Any] = []
    for x, batched, axis, name in zip(outputs, found, axes, leaf_names(structure), strict=True):
        if axis is None:
            if batched:
                raise ArgumentError(
                    f"vmap: out_axes says that result {name or '0'} is the same for all examples,"
                    " but it depends on a mapped argument"
                )
            results.append(x)
            continue
        whole = with_axis(x, batched, size)
        n = len(shape_of(whole))
        place = axis_of(axis, n)
        order = (*range(1, place + 1), 0, *range(place + 1, n))
        results.append(whole if place == 0 else transpose(whole, order=order))
    return results
