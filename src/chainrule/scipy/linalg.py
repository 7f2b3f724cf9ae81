"""``scipy.linalg``: triangular systems and Cholesky factors, which may be stacked.

Rests on the primitives of ``ops/linalg.py``.
"""

from __future__ import annotations

from chainrule.core.trace import shape_of
from chainrule.ops import linalg as primitives
from chainrule.ops.define import Array, as_operand
from chainrule.ops.elementwise import conj, is_complex
from chainrule.ops.numpy_api.linalg import cholesky as _cholesky
from chainrule.ops.numpy_api.linalg import det as det
from chainrule.ops.numpy_api.linalg import inv as inv
from chainrule.ops.numpy_api.linalg import solve as solve
from chainrule.ops.shaping import expand, reshape, swap_last


def solve_triangular(
    a: Array,
    b: Array,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
) -> Array:
    """x with ``a @ x = b`` for a triangular ``a`` of shape (..., n, n).

    Args:
        a: only its upper triangle is read, or its lower one.
        b: shape (n,) or (..., n, k).
        trans: 0 or "N" for a, 1 or "T" for its transpose, 2 or "C" for its conjugate transpose.
        lower: read the lower triangle.
        unit_diagonal: take the diagonal to be one, whatever stands there.

    Raises:
        LinAlgError: an entry of the diagonal is zero.
        ValueError: ``trans`` is none of these.

    >>> import numpy as np
    >>> solve_triangular(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([2.0, 3.0]), lower=True)
    array([1., 2.])
    """
    a, b = as_operand(a), as_operand(b)
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(f"solve_triangular: trans is {trans!r}, must be 0, 1, 2, 'N', 'T' or 'C'")
    if trans in (2, "C") and is_complex(a):
        a = conj(a)
    if trans not in (0, "N"):
        a, lower = swap_last(a), not lower
    vector = len(shape_of(b)) == 1
    right = expand(b, 1) if vector else b
    x = primitives.solve_triangular(a, right, lower=lower, unit=unit_diagonal)
    return reshape(x, shape=shape_of(x)[:-1]) if vector else x


def cholesky(a: Array, lower: bool = False) -> Array:
    """Upper U with ``U.T @ U = a``, from the upper triangle; or lower L with ``L @ L.T = a``.

    Raises:
        LinAlgError: ``a`` is not positive definite.

    >>> import numpy as np
    >>> cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
    array([[2., 1.],
           [0., 2.]])
    """
    return _cholesky(a, upper=not lower)


def cho_factor(a: Array, lower: bool = False) -> tuple[Array, bool]:
    """The Cholesky factor of ``a`` for :func:`cho_solve`, zero in the other triangle."""
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: tuple[Array, bool], b: Array) -> Array:
    """x with ``a @ x = b``, given the factor of ``a`` from :func:`cho_factor`.

    >>> import numpy as np
    >>> cho_solve(cho_factor(np.array([[4.0, 2.0], [2.0, 5.0]])), np.array([8.0, 12.0]))
    array([1., 2.])
    """
    factor, lower = c_and_lower
    first, second = ("N", "C") if lower else ("C", "N")
    half = solve_triangular(factor, b, first, lower)
    return solve_triangular(factor, half, second, lower)
