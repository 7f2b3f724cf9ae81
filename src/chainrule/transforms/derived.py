"""Derivatives as people ask for them: compositions of one forward and one reverse sweep.

``grad`` is one pullback of 1; ``jacobian`` is one sweep for each input or output entry, whichever
are fewer; ``hessian`` is the forward-mode Jacobian of the gradient. Rests on ``jvp.py`` and
``vjp.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, cast

import numpy as np

from chainrule.core.errors import ArgumentError, DTypeError, ShapeError, TraceError
from chainrule.core.trace import shape_of, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import map_leaves, unflatten
from chainrule.ops.elementwise import stop_gradient as stop_gradient_p
from chainrule.ops.shaping import expand
from chainrule.transforms.directions import or_zeros, separated
from chainrule.transforms.jvp import jvp, walk_forwards
from chainrule.transforms.recording import Recording, differentiable_leaves, require_function
from chainrule.transforms.sweeps import count_forward, count_reverse
from chainrule.transforms.vjp import pull_back, record_for, walk_backwards
from chainrule.transforms.vmap import batched

Argnums = int | Sequence[int]
Mode = Literal["auto", "forward", "reverse"]


def _is_one(argnums: Argnums) -> bool:
    return isinstance(argnums, (int, np.integer))


def selected(
    f: Callable[..., Any], argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[Callable[..., Any], list[Any]]:
    """``f`` as a function of the arguments to differentiate alone, and their values."""
    wanted = cast("Sequence[Any]", (argnums,) if _is_one(argnums) else argnums)
    for n in wanted:
        if not isinstance(n, (int, np.integer)) or not -len(args) <= n < len(args):
            raise ArgumentError(
                f"argnums={argnums!r} must be one or several positions: the function was called"
                f" with {len(args)} positional arguments; arguments to differentiate must be given"
                " by position"
            )
    positions = [n % len(args) for n in wanted]
    if positions == list(range(len(args))) and not kwargs:
        return f, list(args)

    def of_selected(*values: Any) -> Any:
        full = list(args)
        for position, value in zip(positions, values, strict=True):
            full[position] = value
        return f(*full, **kwargs)

    return of_selected, [args[n] for n in positions]


def seed_of(recording: Recording, name: str) -> Any:
    """The cotangent 1 of a real scalar output."""
    if not recording.outputs:
        raise ShapeError(
            f"{name} is for functions that return one real number, this one returned"
            f" {unflatten(recording.structure, ())!r}, in which there is none; is a return missing?"
        )
    if len(recording.outputs) != 1 or shape_of(recording.outputs[0]) != ():
        shapes = [shape_of(x) for x in recording.outputs]
        raise ShapeError(
            f"{name} is for functions that return one real number, this one returned shapes"
            f" {shapes}; reduce it (np.sum), or use cr.jacobian"
        )
    kind = type_of(recording.outputs[0])
    if kind.dtype.kind != "f":
        remedy = "return its .real or its absolute value"
        raise DTypeError(
            f"{name} is for functions that return one real floating-point number, this one"
            f" returned {kind.dtype}; {remedy if kind.dtype.kind == 'c' else 'convert it'}"
        )
    return 1.0 if kind.weak else kind.dtype.type(1)


def _gradient(
    f: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    name: str,
) -> tuple[Recording, Any]:
    of_selected, values = selected(f, argnums, args, kwargs)
    recording, structure = record_for(of_selected, values, has_aux=has_aux)
    pulled = pull_back(recording, [seed_of(recording, name)])
    gradients = unflatten(structure, separated(or_zeros(pulled, recording.inputs), ()))
    return recording, gradients[0] if _is_one(argnums) else gradients


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The gradient of a real scalar function, by one reverse sweep.

    Args:
        f: ``f(*args, **kwargs) -> `` a real number (0-d).
        argnums: the position of the argument to differentiate, or several.
        has_aux: ``f`` returns ``(value, aux)``; the result then is ``(gradient, aux)``.

    Returns:
        A function of the same arguments that returns the gradient, with the structure, shapes and
        dtypes of the argument (a tuple of them if ``argnums`` is a tuple). For complex z = x + iy
        it is dL/dx - i dL/dy.

    Raises:
        ShapeError: ``f`` did not return one number.
        DTypeError: an argument to differentiate, or the result, is not floating-point.

    >>> import numpy as np, chainrule as cr
    >>> cr.grad(lambda w: np.sum(w**2))(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    >>> cr.grad(cr.grad(np.sin))(1.0) == -np.sin(1.0)
    np.True_
    """
    require_function(f, "grad")

    def gradient(*args: Any, **kwargs: Any) -> Any:
        with users_frames:
            recording, gradients = _gradient(f, argnums, has_aux, args, kwargs, "grad")
            return (gradients, recording.aux) if has_aux else gradients

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """As :func:`grad`, and the value: ``(f(x), gradient)``, or ``((f(x), aux), gradient)``.

    >>> import numpy as np, chainrule as cr
    >>> cr.value_and_grad(lambda w: np.sum(w**2))(np.array([1.0, 2.0]))
    (np.float64(5.0), array([2., 4.]))
    """
    require_function(f, "value_and_grad")

    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        with users_frames:
            recording, gradients = _gradient(f, argnums, has_aux, args, kwargs, "value_and_grad")
            value = recording.outputs[0]
            return ((value, recording.aux) if has_aux else value), gradients

    return value_and_gradient


# ---- Jacobians
# -------------------------------------------------------------------------------------


_BATCH = 1 << 24  # entries that one value of a batch of sweeps may have


def _sweeps(
    recording: Recording, place: int, sweep: Callable[[Any], list[Any]], *, forward: bool
) -> list[Any]:
    """One sweep for each unit vector of a leaf: its results, stacked along a new first axis.

    ``sweep`` takes a direction at the leaf ``place`` of the inputs or outputs. The sweeps go
    through the recording side by side, as many at once as fit into memory.
    """
    kind = type_of((recording.inputs if forward else recording.outputs)[place])
    (count_forward if forward else count_reverse)(kind.size)
    if kind.size == 1:
        unit = 1.0 if kind.weak and kind.dtype.kind == "f" else np.ones(kind.shape, kind.dtype)[()]
        return [expand(x, 0) for x in sweep(unit)]
    units = np.eye(kind.size, dtype=kind.dtype).reshape(kind.size, *kind.shape)
    widest = max((type_of(x).size for x in _values(recording)), default=1)
    step = max(1, _BATCH // max(1, widest))
    many = batched(sweep)
    starts = range(0, max(1, kind.size), step)
    parts = [_in_turn_or(many, sweep, units[i : i + step]) for i in starts]
    return parts[0] if len(parts) == 1 else [np.concatenate(xs) for xs in zip(*parts, strict=True)]


def _values(recording: Recording) -> Iterator[Any]:
    for step in recording.trace.records:
        yield from step[5] if step[0].several else (step[5],)


def _in_turn_or(
    many: Callable[[Any], list[Any]], sweep: Callable[[Any], list[Any]], units: Any
) -> list[Any]:
    """A batch of sweeps, or one after the other where a rule is Python that needs values."""
    try:
        return many(units)
    except TraceError:
        rows = [sweep(unit) for unit in units]
        return [np.stack(xs) for xs in zip(*rows, strict=True)]


def _columns(recording: Recording) -> list[list[Any]]:
    """``block[i][j]``, the derivative of output i in input j, by forward sweeps."""
    n = len(recording.inputs)
    table: list[list[Any]] = []
    for j in range(n):
        rows = _sweeps(recording, j, lambda t, j=j: _pushed(recording, t, j), forward=True)
        inner = shape_of(recording.inputs[j])
        table.append([np.reshape(np.moveaxis(x, 0, -1), (*shape_of(x)[1:], *inner)) for x in rows])
    return [list(column) for column in zip(*table, strict=True)]


def _pushed(recording: Recording, t: Any, place: int) -> list[Any]:
    tangents = [t if i == place else None for i in range(len(recording.inputs))]
    return walk_forwards(recording, tangents)


def _rows(recording: Recording) -> list[list[Any]]:
    """``block[i][j]``, the derivative of output i in input j, by reverse sweeps."""
    table: list[list[Any]] = []
    for i, out in enumerate(recording.outputs):
        rows = _sweeps(recording, i, lambda ct, i=i: _pulled(recording, ct, i), forward=False)
        table.append([np.reshape(x, (*shape_of(out), *shape_of(x)[1:])) for x in rows])
    return table


def _pulled(recording: Recording, ct: Any, place: int) -> list[Any]:
    cotangents = [ct if i == place else None for i in range(len(recording.outputs))]
    return or_zeros(walk_backwards(recording, cotangents), recording.inputs)


def _goes_forward(mode: Mode, recording: Recording) -> bool:
    """Whether forward sweeps are asked for or fewer; some complex functions leave one way."""
    kinds = [[type_of(x) for x in xs] for xs in (recording.inputs, recording.outputs)]
    complex_in, complex_out = (any(k.dtype.kind == "c" for k in side) for side in kinds)
    if complex_in != complex_out:
        needed = "forward" if complex_out else "reverse"
        if mode not in ("auto", needed):
            raise DTypeError(
                f"jacobian of a {'complex' if complex_out else 'real'} function of"
                f" {'complex' if complex_in else 'real'} numbers has one mode, {needed!r}"
            )
        return needed == "forward"
    n_in, n_out = (sum(k.size for k in side) for side in kinds)
    return mode == "forward" or (mode == "auto" and n_in < n_out)


def jacobian(
    f: Callable[..., Any], argnums: Argnums = 0, mode: Mode = "auto"
) -> Callable[..., Any]:
    """The dense case of ``cr.jacobian``, whose docstring says what goes in and comes out.

    The sweeps of one leaf go through the recording side by side, in batches that fit into memory.

    >>> import numpy as np
    >>> jacobian(lambda x: x[0] * x)(np.array([3.0, 5.0]))
    array([[6., 0.],
           [5., 3.]])
    """
    if mode not in ("auto", "forward", "reverse"):
        raise ArgumentError(f"jacobian mode {mode!r}; it is 'auto', 'forward' or 'reverse'")

    def jacobian_at(*args: Any, **kwargs: Any) -> Any:
        with users_frames:
            of_selected, values = selected(f, argnums, args, kwargs)
            recording, structure = record_for(of_selected, values, has_aux=False)
            forward = _goes_forward(mode, recording)
            table = _columns(recording) if forward else _rows(recording)
            rows = [unflatten(structure, row) for row in table]
            if _is_one(argnums):
                rows = [row[0] for row in rows]
            return unflatten(recording.structure, rows)

    return jacobian_at


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The second derivatives of a real scalar function: ``H[i, j] = d^2 f / dx_i dx_j``.

    Forward over reverse: one forward sweep of the gradient for each input entry.

    >>> import numpy as np, chainrule as cr
    >>> cr.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    require_function(f, "hessian")
    second = jacobian(grad(f, argnums), argnums, mode="forward")

    def hessian_at(*args: Any, **kwargs: Any) -> Any:
        with users_frames:
            _, values = selected(f, argnums, args, kwargs)
            if any(
                type_of(x).dtype.kind == "c" for x in differentiable_leaves(values, "argument ")[0]
            ):
                raise DTypeError(
                    "hessian of complex numbers: write f of the real and imaginary parts"
                )
            return second(*args, **kwargs)

    return hessian_at


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of a real scalar function times a vector, without the Hessian.

    ``H t`` as the derivative of the gradient in the direction t, at a small multiple of the price
    of ``f`` (Pearlmutter, "Fast exact multiplication by the Hessian", 1994). With one primal the
    result is one array or container, with several a tuple.

    >>> import numpy as np, chainrule as cr
    >>> x, t = np.array([3.0, 5.0]), np.array([1.0, 0.0])
    >>> cr.hvp(lambda x: x[0] ** 2 * x[1], (x,), (t,))
    array([10.,  6.])
    """
    with users_frames:
        argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
        return jvp(grad(f, argnums), primals, tangents)[1]


def stop_gradient(x: Any) -> Any:
    """``x`` as a constant: same value, no derivative. For arrays and containers of them.

    >>> import chainrule as cr
    >>> cr.grad(lambda x: x * cr.stop_gradient(x))(3.0)
    3.0
    """
    return map_leaves(stop_gradient_p, x)
