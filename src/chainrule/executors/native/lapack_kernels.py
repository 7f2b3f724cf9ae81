"""Factors and solutions by LAPACK, as source text for emitted modules; see ``kernels.py``.

LAPACK reads memory by columns. A matrix A in C order is its transpose to LAPACK, and so is a right
hand side: from ``A X = B`` comes ``X^T M = B^T`` with ``M = A^T``, a system that is solved from the
right, where the memory already lies as it must. So nothing is transposed. ``turned`` says that the
memory holds the matrix by columns, ``M = A``.

``getrf`` gives ``M = P L U``; rows are exchanged in ``B`` or ``X``, where they lie in one piece.
Other names are those of BLAS and LAPACK; infos and pivots count from one.
"""

from __future__ import annotations

import numpy as np

from chainrule.executors.native.blas import SYMBOL

_POTRF = '''\
@njit(**OPTIONS)
def potrf_{float}(n, a, a0, info, i0):
    """Overwrite the lower triangle of a matrix in C order by its Cholesky factor."""
    apart()
    _{routine}(
        held(np.uint8(85)), held(np.int32(n)), address(a, a0),
        held(np.int32(n)), address(info, i0),
    )
'''

_GETRF = '''\
@njit(**OPTIONS)
def getrf_{float}(n, a, a0, pivots, p0):
    """Overwrite a matrix, read by columns, by L and U, and note which rows were exchanged."""
    apart()
    size = held(np.int32(n))
    _{routine}(
        size, size, address(a, a0), size,
        address(pivots, p0), held(np.int32(0)),
    )
'''

_TRSM = '''\
@njit(**OPTIONS)
def trsm_{float}(upper, turn, unit, n, k, m, m0, ldm, b, b0):
    """``X^T op(M) = B^T`` for M by columns and B in C order, of k columns; X overwrites B."""
    apart()
    _{routine}(
        held(np.uint8(82)), held(np.uint8(85 if upper else 76)),
        held(np.uint8(84 if turn else 78)), held(np.uint8(85 if unit else 78)),
        held(np.int32(k)), held(np.int32(n)), held(np.{float}(1)),
        address(m, m0), held(np.int32(ldm)),
        address(b, b0), held(np.int32(k)),
    )
'''

_TRSV = '''\
@njit(**OPTIONS)
def trsv_{float}(upper, turn, unit, n, m, m0, ldm, b, b0):
    """``op(M) x = b`` for M by columns; x overwrites b."""
    apart()
    _{routine}(
        held(np.uint8(85 if upper else 76)), held(np.uint8(84 if turn else 78)),
        held(np.uint8(85 if unit else 78)), held(np.int32(n)),
        address(m, m0), held(np.int32(ldm)),
        address(b, b0), held(np.int32(1)),
    )
'''

_PLAIN = '''\
@njit(**OPTIONS)
def cholesky_{float}(n, a, a0, info, i0):
    """Overwrite a matrix by its lower Cholesky factor."""
    apart()
    potrf_{float}(n, a, a0, info, i0)
    if info[i0] != 0:
        raise np.linalg.LinAlgError("Matrix is not positive definite")
    for i in range(n):
        for j in range(i + 1, n):
            a[a0 + i * n + j] = 0


@njit(**OPTIONS)
def from_right_{float}(upper, turn, unit, n, k, m, m0, ldm, b, b0):
    """``X^T op(M) = B^T`` for M by columns; one column is a vector, ``op(M)^T x = b``."""
    if k == 1:
        trsv_{float}(upper, not turn, unit, n, m, m0, ldm, b, b0)
    else:
        trsm_{float}(upper, turn, unit, n, k, m, m0, ldm, b, b0)


@njit(**OPTIONS)
def solve_triangular_{float}(upper, turn, unit, n, k, m, m0, ldm, b, b0):
    """:func:`from_right`, after a look at the diagonal."""
    apart()
    if not unit:
        for i in range(n):
            if m[m0 + i * (ldm + 1)] == 0:
                raise np.linalg.LinAlgError("singular matrix: zero on the diagonal")
    from_right_{float}(upper, turn, unit, n, k, m, m0, ldm, b, b0)


@njit(**OPTIONS)
def exchange_{float}(i, j, k, b, b0):
    """Exchange two rows of k entries."""
    for c in range(k):
        kept = b[b0 + i * k + c]
        b[b0 + i * k + c] = b[b0 + j * k + c]
        b[b0 + j * k + c] = kept


@njit(**OPTIONS)
def solve_{float}(turned, n, k, lu, l0, pivots, p0, b, b0):
    """Overwrite B, of k columns, by X with ``A X = B``, for A factored by getrf."""
    apart()
    for i in range(n):
        if lu[l0 + i * (n + 1)] == 0:
            raise np.linalg.LinAlgError("Singular matrix")
    if turned:
        for i in range(n):
            exchange_{float}(i, int64(pivots[p0 + i]) - 1, k, b, b0)
    from_right_{float}(not turned, turned, turned, n, k, lu, l0, n, b, b0)
    from_right_{float}(turned, turned, not turned, n, k, lu, l0, n, b, b0)
    if not turned:
        for i in range(n - 1, -1, -1):
            exchange_{float}(i, int64(pivots[p0 + i]) - 1, k, b, b0)


@njit(**OPTIONS)
def sign_of_det_{float}(n, lu, l0, pivots, p0):
    """The sign of the determinant of a matrix factored by getrf."""
    apart()
    sign = {float}(1)
    for i in range(n):
        entry = lu[l0 + i * (n + 1)]
        if pivots[p0 + i] != i + 1:
            sign = -sign
        sign = {float}(0) if entry == 0 else -sign if entry < 0 else sign
    return sign


@njit(**OPTIONS)
def log_abs_det_{float}(n, lu, l0, pivots, p0):
    """The logarithm of the absolute value of the determinant."""
    apart()
    total = {float}(0)
    for i in range(n):
        total += np.log(abs(lu[l0 + i * (n + 1)]))
    return total


@njit(**OPTIONS)
def det_{float}(n, lu, l0, pivots, p0):
    """The determinant, by its logarithm as in NumPy, which does not overflow on the way."""
    size = np.exp(log_abs_det_{float}(n, lu, l0, pivots, p0))
    return sign_of_det_{float}(n, lu, l0, pivots, p0) * size


@njit(**OPTIONS)
def adjugate_{float}(turned, n, lu, l0, pivots, p0, b, b0):
    """``det(A) inv(A)`` for A factored by getrf; a pivot of zero is one of a rounding error.

    The smallest pivot cancels in the product, so nothing is lost where it is almost zero.
    """
    apart()
    largest = {float}(0)
    for i in range(n):
        largest = max(largest, abs(lu[l0 + i * (n + 1)]))
    least = {float}({eps}) * largest
    if largest == 0:
        least = {float}(1) if n == 1 else {float}({tiny})
    for i in range(n):
        if lu[l0 + i * (n + 1)] == 0:
            lu[l0 + i * (n + 1)] = least
        for j in range(n):
            b[b0 + i * n + j] = {float}(1) if i == j else {float}(0)
    scale = det_{float}(n, lu, l0, pivots, p0)
    solve_{float}(turned, n, n, lu, l0, pivots, p0, b, b0)
    for i in range(n * n):
        b[b0 + i] *= scale
'''


def _wrapped(text: str, module: str, routine: str, count: int) -> list[str]:
    """The wrapper of a routine for both precisions."""
    pairs = (("float32", f"s{routine}"), ("float64", f"d{routine}"))
    return [
        (SYMBOL + text).format(float=kind, routine=name, module=module, count=count)
        for kind, name in pairs
    ]


TEXTS = [
    *_wrapped(_POTRF, "cython_lapack", "potrf", 5),
    *_wrapped(_GETRF, "cython_lapack", "getrf", 6),
    *_wrapped(_TRSM, "cython_blas", "trsm", 11),
    *_wrapped(_TRSV, "cython_blas", "trsv", 8),
    *(
        _PLAIN.format(float=kind, eps=np.finfo(kind).eps / 2, tiny=np.finfo(kind).tiny)
        for kind in ("float32", "float64")
    ),
]
