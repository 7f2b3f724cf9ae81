"""``jacobian``, ``sparse_jacobian``, ``sparse_hessian``: what users call.

A derivative is planned (pattern, colours) and then swept. Of a compiled function the plan and the
compiled sweeps are kept for each signature; of any other, whose Python code may take another way at
each call, they are made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from chainrule.compile import Compiled
from chainrule.core.errors import DTypeError, TraceError
from chainrule.core.graph import Graph
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, map_leaves, unflatten
from chainrule.sparse import contractions as contractions  # enters rules
from chainrule.sparse import linear_algebra as linear_algebra  # enters rules
from chainrule.sparse import loops as loops  # enters rules
from chainrule.sparse.compressed import compiled, walked
from chainrule.sparse.pattern import pattern_of
from chainrule.sparse.plan import (
    NOT_TRACED,
    Run,
    SparsePlan,
    checked_mode,
    plan_hessian,
    plan_jacobian,
)
from chainrule.transforms import derived
from chainrule.transforms.derived import Argnums, Mode, grad, selected
from chainrule.transforms.recording import Recording, record, require_function
from chainrule.transforms.signature import is_traced, signature_of
from chainrule.transforms.sweeps import uncounted
from chainrule.transforms.trace import freeze
from chainrule.transforms.vjp import record_for

Array = Any
Prepared = tuple[SparsePlan, Callable[[Any, Any], Run]]


class SparseDerivative:
    """A sparse Jacobian or Hessian as a function; ``plan(*args)`` says how it is computed there."""

    def __init__(
        self, f: Callable[..., Any], argnums: Argnums, mode: Mode, *, symmetric: bool
    ) -> None:
        self._f = f
        self._argnums = argnums
        self._mode: Mode = mode
        self._symmetric = symmetric

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative at these arguments, as a ``scipy.sparse.csr_array``."""
        with users_frames:
            args = self._with_floats(args)
            plan, at = self._prepared(args, kwargs)
            return plan.filled(at(args, kwargs))

    def plan(self, *args: Any, **kwargs: Any) -> SparsePlan:
        """The pattern, the colours and the number of sweeps at these arguments."""
        with users_frames:
            return self._prepared(self._with_floats(args), kwargs)[0]

    def _with_floats(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments; Python's ints among those to differentiate count as floats."""
        full = list(args)
        for n in self._positions:
            if -len(full) <= n < len(full):
                full[n] = map_leaves(_as_float, full[n])
        return tuple(full)

    @property
    def _positions(self) -> tuple[int, ...]:
        given = self._argnums
        return (int(given),) if isinstance(given, (int, np.integer)) else tuple(given)

    def _prepared(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Prepared:
        leaves, _ = flatten((args, kwargs))
        if any(isinstance(x, TracedValue) for x in leaves):
            raise TraceError(NOT_TRACED)
        f = self._f
        if isinstance(f, Compiled):
            key = (self._positions, self._mode, self._symmetric, _key(args, kwargs))
            return f.derived(key, lambda: self._compiled(f, args, kwargs))
        recording = self._record(args, kwargs)
        plan = self._planned(freeze(recording), range(len(recording.inputs)), {})
        return plan, lambda _args, _kwargs: walked(recording, plan)

    def _record(self, args: Any, kwargs: Any) -> Recording:
        """The recording whose derivative it is: of the function, or of its gradient."""
        of_selected, values = selected(self._f, self._argnums, args, kwargs)
        if self._symmetric:
            of_selected = grad(of_selected, tuple(range(len(values))))
        recording, _ = record_for(of_selected, values, has_aux=False)
        for x in (*recording.inputs, *recording.outputs):
            if type_of(x).dtype.kind == "c":
                raise DTypeError(
                    "a sparse derivative of complex numbers: write the function of the real and"
                    " imaginary parts, or take cr.jacobian without sparse"
                )
        return recording

    def _compiled(self, f: Compiled, args: Any, kwargs: Any) -> Prepared:
        with uncounted():
            graph, wanted, values = self._by_types(args, kwargs)
        plan = self._planned(graph, wanted, values)
        ends = graph.outputs if plan.mode == "reverse" else [graph.inputs[i] for i in wanted]
        dtype = np.result_type(np.float16, *(x.type.dtype for x in ends))
        return plan, compiled(self._record, plan, f.executor, dtype)

    def _by_types(self, args: Any, kwargs: Any) -> tuple[Graph, list[int], dict[int, Any]]:
        """The graph by types alone, its inputs to differentiate, and the values of integer ones."""
        leaves, structure = flatten((args, kwargs))
        numbers, _ = unflatten(structure, range(len(leaves)))
        traced = [i for i, x in enumerate(leaves) if is_traced(x)]

        def outputs(*xs: Any) -> list[Any]:
            given = dict(zip(traced, xs, strict=True))
            full = [given.get(i, x) for i, x in enumerate(leaves)]
            return self._record(*unflatten(structure, full)).outputs

        types = [type_of(leaves[i]) for i in traced]
        graph = freeze(record(outputs, types, trace=Trace(differentiates=False, sources=True)))
        wanted = [traced.index(i) for n in self._positions for i in flatten(numbers[n])[0]]
        values = {
            place: leaves[i] for place, i in enumerate(traced) if types[place].dtype.kind in "iub"
        }
        return graph, wanted, values

    def _planned(self, graph: Graph, wanted: Sequence[int], values: dict[int, Any]) -> SparsePlan:
        pattern = pattern_of(graph, wanted, values)
        return plan_hessian(pattern) if self._symmetric else plan_jacobian(pattern, self._mode)


def _as_float(x: Any) -> Any:
    return float(x) if type(x) is int else x


def _key(args: Any, kwargs: Any) -> Hashable:
    """The signature; of integers also the values, since they can be indices."""
    leaves, structure = flatten((args, kwargs))
    parts: list[Hashable] = [structure]
    for x in leaves:
        parts.append(signature_of(x))
        if is_traced(x) and type_of(x).dtype.kind in "iub":
            parts.append(hashlib.blake2b(np.asarray(x).tobytes()).digest())
    return tuple(parts)


def jacobian(
    f: Callable[..., Any], argnums: Argnums = 0, mode: Mode = "auto", sparse: bool = False
) -> Callable[..., Any]:
    """All partial derivatives: for each output and input an array of ``out.shape + in.shape``.

    ``J[i, j] = d f_i / d x_j``; the derivative of a vector in a matrix is a tensor of rank 3.

    Args:
        f: a function of arrays or containers of them, with such a result.
        argnums: the position of the argument to differentiate, or several.
        mode: "forward" takes one sweep for each input entry, "reverse" one for each output entry;
            "auto" takes the fewer, reverse if they are equal. A complex function of complex
            numbers must be holomorphic; a real one of complex numbers gives dL/dx - i dL/dy.
            With ``sparse`` a sweep takes all entries of one colour, and "auto" the fewer colours.
        sparse: the result is one ``scipy.sparse.csr_array`` of shape (output entries, input
            entries), see :func:`sparse_jacobian`. Integer arguments can be indices, so
            their values are a part of what the plan of a compiled function is kept for.

    Returns:
        A function of the same arguments. For containers, the structure of the output with the
        structure of the argument at each leaf. With ``sparse``, a :class:`SparseDerivative`, whose
        ``plan(*args)`` holds the pattern, the colours, the mode and the number of sweeps.

    >>> import numpy as np, chainrule as cr
    >>> W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> cr.jacobian(lambda x: W @ x)(np.array([1.0, 1.0]))
    array([[1., 2.],
           [3., 4.],
           [5., 6.]])
    >>> second_difference = lambda x: x[2:] - 2 * x[1:-1] + x[:-2]
    >>> print(cr.jacobian(second_difference, sparse=True).plan(np.zeros(50)))
    48 x 50, 144 entries may be nonzero: 3 forward sweeps, by columns of one colour
    """
    require_function(f, "jacobian")
    if not sparse:
        return derived.jacobian(f, argnums, mode)
    return SparseDerivative(f, argnums, checked_mode(mode), symmetric=False)


def sparse_jacobian(f: Callable[..., Any], x: Any, mode: Mode = "auto") -> Any:
    """The Jacobian of ``f`` at ``x`` as a ``scipy.sparse.csr_array``, in few sweeps.

    Which entries can be nonzero is read off the graph, not found by probing with numbers. Columns
    that share no row get one colour and one forward sweep together, or rows that share no column
    one reverse sweep; the mode with fewer colours is taken. A tridiagonal Jacobian takes 3 sweeps,
    whatever its size.

    Args:
        f: a function of ``x`` alone, with real values. If it was made by ``cr.compile``, pattern,
            colouring and compiled sweeps are kept for each signature, and later calls are only
            sweeps. Of a plain function, whose Python code may branch on the values of x, they are
            made anew in each call.
        x: a real array, or a nested container of arrays, whose entries are the columns in order.
        mode: "forward", "reverse" or "auto".

    Returns:
        A ``csr_array`` of shape (entries of f(x), entries of x). It stores every entry that may be
        nonzero, also where it happens to be 0 at this x.

    Raises:
        ArgumentError: the Jacobian is not sparse: too many entries may be nonzero.
        DTypeError: complex numbers, or an ``x`` that is not floating-point.
        TraceError: called inside of another transform.

    Source: Curtis, Powell and Reid, "On the estimation of sparse Jacobian matrices" (1974);
    Gebremedhin, Manne and Pothen (2005).

    >>> import numpy as np, chainrule as cr
    >>> J = cr.sparse_jacobian(lambda x: x[1:] * x[:-1], np.arange(4.0))
    >>> J.toarray()
    array([[1., 0., 0., 0.],
           [0., 2., 1., 0.],
           [0., 0., 3., 2.]])
    """
    return SparseDerivative(f, 0, checked_mode(mode), symmetric=False)(x)


def sparse_hessian(f: Callable[..., Any], x: Any) -> Any:
    """The Hessian of a real scalar function at ``x`` as a ``scipy.sparse.csr_array``.

    The pattern is that of the Jacobian of the gradient. It is coloured so that the ends of an edge
    differ and no path of four vertices has two colours (a star colouring); each colour is one
    forward sweep of the gradient, and each entry is read from one sweep, at (i, j) or at (j, i).

    Args:
        f: a function of ``x`` with one real value. Compiled functions keep their plan, see
            :func:`sparse_jacobian`.
        x: a real array, or a nested container of arrays, whose entries are rows and columns.

    Raises:
        ShapeError: ``f`` did not return one number.
        ArgumentError: the Hessian is not sparse.
        DTypeError, TraceError: as :func:`sparse_jacobian`.

    Source: Coleman and Moré, "Estimation of sparse Hessian matrices and graph coloring problems"
    (1984); Gebremedhin, Manne and Pothen (2005), section 4.

    >>> import numpy as np, chainrule as cr
    >>> cr.sparse_hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2), np.arange(3.0)).toarray()
    array([[2., 0., 0.],
           [0., 4., 2.],
           [0., 2., 0.]])
    """
    return SparseDerivative(f, 0, "forward", symmetric=True)(x)
