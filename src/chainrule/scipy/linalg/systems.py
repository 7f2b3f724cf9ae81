"""Systems of equations: triangular, definite, general, banded and Sylvester's; least squares.

Rests on the primitives of ``ops/linalg.py``, ``ops/lu.py``, ``ops/banded.py`` and
``ops/orthogonal.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.trace import shape_of
from chainrule.ops import banded, matrix_functions
from chainrule.ops import linalg as primitives
from chainrule.ops import lu as factors
from chainrule.ops.define import Array, as_operand
from chainrule.ops.elementwise import conj, is_complex
from chainrule.ops.matrices import adjoint
from chainrule.ops.numpy_api.linalg import cholesky as _cholesky
from chainrule.ops.numpy_api.orthogonal import lstsq as _lstsq
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


def lu_factor(a: Array) -> tuple[Array, Array]:
    """The factors L and U of ``a`` with its rows exchanged, in one matrix, and the exchanges.

    The derivative keeps the order of the rows.

    >>> import numpy as np
    >>> lu_factor(np.array([[1.0, 2.0], [2.0, 8.0]]))
    (array([[ 2. ,  8. ],
           [ 0.5, -2. ]]), array([1, 1], dtype=int32))
    """
    return factors.lu(as_operand(a))


def lu_solve(lu_and_piv: tuple[Array, Array], b: Array, trans: int = 0) -> Array:
    """x with ``a @ x = b``, given the factors of ``a`` from :func:`lu_factor`.

    Args:
        lu_and_piv: what :func:`lu_factor` gave.
        b: shape (n,) or (..., n, k).
        trans: 0 for a, 1 for its transpose, 2 for its conjugate transpose.

    Raises:
        LinAlgError: a pivot is zero.
        ValueError: ``trans`` is none of these.

    >>> import numpy as np
    >>> lu_solve(lu_factor(np.array([[1.0, 2.0], [2.0, 8.0]])), np.array([5.0, 18.0]))
    array([1., 2.])
    """
    if trans not in (0, 1, 2):
        raise ValueError(f"lu_solve: trans is {trans!r}, must be 0, 1 or 2")
    packed, pivots = map(as_operand, lu_and_piv)
    b = as_operand(b)
    vector = len(shape_of(b)) == 1
    right = expand(b, 1) if vector else b
    order = factors.permutation(pivots, packed)
    if trans == 0:
        half = solve_triangular(packed, order @ right, lower=True, unit_diagonal=True)
        x = solve_triangular(packed, half)
    else:
        half = solve_triangular(packed, right, trans)
        solved = solve_triangular(packed, half, trans, lower=True, unit_diagonal=True)
        x = adjoint(order) @ solved
    return reshape(x, shape=shape_of(x)[:-1]) if vector else x


def solve_banded(l_and_u: Sequence[int], ab: Array, b: Array) -> Array:
    """x with ``a @ x = b`` for a banded ``a``, in time proportional to the size of the band.

    Args:
        l_and_u: how many diagonals there are below and above the main one.
        ab: the diagonals, ``ab[u + i - j, j] = a[i, j]``, of shape (..., l + u + 1, n).
        b: shape (n,) or (..., n, k).

    Raises:
        LinAlgError: the matrix is singular.
        ShapeError: the shapes do not fit.

    >>> import numpy as np
    >>> band = np.array([[2.0, 2.0, 2.0], [1.0, 1.0, 0.0]])
    >>> solve_banded((1, 0), band, np.array([2.0, 3.0, 5.0]))
    array([1., 1., 2.])
    """
    lower, upper = l_and_u
    ab, b = as_operand(ab), as_operand(b)
    vector = len(shape_of(b)) == 1
    right = expand(b, 1) if vector else b
    x = banded.solve_banded(ab, right, lower=int(lower), upper=int(upper))
    return reshape(x, shape=shape_of(x)[:-1]) if vector else x


def solve_sylvester(a: Array, b: Array, q: Array) -> Array:
    """x with ``a @ x + x @ b = q``.

    >>> import numpy as np
    >>> solve_sylvester(np.array([[1.0]]), np.array([[2.0]]), np.array([[6.0]]))
    array([[2.]])
    """
    return matrix_functions.solve_sylvester(as_operand(a), as_operand(b), as_operand(q))


def lstsq(a: Array, b: Array, cond: Any = None) -> tuple[Array, Array, Array, Array]:
    """Solution, sums of squared residuals, rank and singular values, as ``np.linalg.lstsq``.

    ``cond`` is the bound on singular values, relative to the largest; eps without it. Of one right
    hand side the residuals are a number.
    """
    x, residuals, rank, s = _lstsq(a, b, -1 if cond is None else cond)
    one = len(shape_of(x)) == 1 and shape_of(residuals) == (1,)
    return x, residuals[0] if one else residuals, rank, s
