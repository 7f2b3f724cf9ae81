"""Functions of matrices, and factors with SciPy's arguments; see ``ops/spectral.py`` and others."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops import lu as factors
from chainrule.ops import matrix_functions
from chainrule.ops.define import Array, as_operand
from chainrule.ops.linalg import cholesky, solve_triangular
from chainrule.ops.matrices import adjoint, hermitian, inexact
from chainrule.ops.numpy_api import orthogonal, spectral
from chainrule.ops.shaping import swap_last


def expm(A: Array) -> Array:
    """The exponential of matrices, ``1 + A + A @ A / 2 + ...``.

    Derivatives of any order are exponentials of larger matrices (Al-Mohy and Higham, 2009).

    >>> import numpy as np
    >>> expm(np.array([[0.0, 1.0], [0.0, 0.0]]))
    array([[1., 1.],
           [0., 1.]])
    """
    return matrix_functions.expm(as_operand(A))


def sqrtm(A: Array) -> Array:
    """The principal square root of matrices.

    Raises:
        DTypeError: a real matrix has no real root; SciPy would return a complex one.

    >>> import numpy as np
    >>> sqrtm(np.array([[4.0, 0.0], [0.0, 9.0]]))
    array([[2., 0.],
           [0., 3.]])
    """
    return matrix_functions.sqrtm(as_operand(A))


def lu(a: Array, permute_l: bool = False) -> tuple[Array, ...]:
    """``(p, l, u)`` with ``p @ l @ u = a``, or ``(p @ l, u)``; the order of rows is constant.

    >>> import numpy as np
    >>> p, l, u = lu(np.array([[1.0, 2.0], [2.0, 8.0]]))
    >>> p @ l @ u
    array([[1., 2.],
           [2., 8.]])
    """
    packed, pivots = factors.lu(as_operand(a))
    lower = factors.below(packed) + np.eye(shape_of(packed)[-1], dtype=bool)
    order = swap_last(factors.permutation(pivots, packed))
    upper = factors.upper(packed)
    return (order @ lower, upper) if permute_l else (order, lower, upper)


def eigh(
    a: Array, b: Array | None = None, *, lower: bool = True, eigvals_only: bool = False
) -> Any:
    """Eigenvalues and vectors of a Hermitian matrix; with b those of ``a @ v = w * (b @ v)``.

    Args:
        a: shape (..., n, n), of which one triangle is read.
        b: a positive definite matrix, of which the same triangle is read; the identity without it.
        lower: read the lower triangles, else the upper ones.
        eigvals_only: return w alone.

    Raises:
        LinAlgError: ``b`` is not positive definite.

    >>> import numpy as np
    >>> eigh(np.diag([2.0, 6.0]), np.diag([1.0, 2.0]), eigvals_only=True)
    array([2., 3.])
    """
    a = as_operand(a)
    if b is None:
        found = spectral.eigh(a, "L" if lower else "U")
        return found[0] if eigvals_only else tuple(found)
    b = as_operand(b)
    factor = cholesky(b if lower else adjoint(b))
    half = solve_triangular(factor, hermitian(a, upper=not lower), lower=True, unit=False)
    reduced = solve_triangular(factor, adjoint(half), lower=True, unit=False)
    w, y = spectral.eigh(reduced)
    return w if eigvals_only else (w, solve_triangular(adjoint(factor), y, lower=False, unit=False))


def eigvalsh(a: Array, b: Array | None = None, *, lower: bool = True) -> Array:
    """The eigenvalues of :func:`eigh`."""
    return eigh(a, b, lower=lower, eigvals_only=True)


def svd(a: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """``(u, s, vh)`` with ``a = u @ diag(s) @ vh``, or s alone, as ``np.linalg.svd``."""
    found = spectral.svd(a, full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


def qr(a: Array, mode: str = "full") -> Any:
    """``(q, r)`` with ``q @ r = a``; ``"full"``, ``"economic"``, or ``"r"`` for ``(r,)``.

    Raises:
        ValueError: another mode; ``"raw"`` has no derivative.

    >>> import numpy as np
    >>> q, r = qr(np.array([[3.0], [4.0]]), mode="economic")
    >>> abs(r)
    array([[5.]])
    """
    known = {"full": "complete", "economic": "reduced"}
    if mode == "r":
        return (orthogonal.qr(a, "complete")[1],)
    if mode not in known:
        raise ValueError(f"qr: mode is {mode!r}, must be 'full', 'economic' or 'r'")
    return tuple(orthogonal.qr(a, known[mode]))


def pinv(a: Array, *, rtol: float | None = None) -> Array:
    """The pseudo-inverse, as ``np.linalg.pinv``, by default with the bound max(m, n) eps."""
    a = as_operand(a)
    kind = type_of(a)
    if rtol is None:
        rtol = max(kind.shape[-2:]) * float(np.finfo(inexact("pinv", kind)).eps)
    return orthogonal.pinv(a, rtol)
