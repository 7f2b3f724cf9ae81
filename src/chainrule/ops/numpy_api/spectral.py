"""NumPy's eigenvalues and singular values, and what is made of them; see ``ops/spectral.py``.

Values alone are computed with their vectors, which their derivative needs. Results with names are
of NumPy's classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.peek import Reading, peek
from chainrule.core.trace import shape_of, type_of
from chainrule.ops import spectral
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import absolute, imag, real, sign
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem
from chainrule.ops.matrices import adjoint, as_columns, as_rows
from chainrule.ops.numpy_api.implements import constant, implements
from chainrule.ops.reductions import all_p, argsort_p, flip, keep, max_p, sum_p
from chainrule.ops.shaping import swap_last

_EIGH: Any = type(np.linalg.eigh(np.eye(1)))
_EIG: Any = type(np.linalg.eig(np.eye(1)))
_SVD: Any = type(np.linalg.svd(np.eye(1)))


# ---- eigenvalues ---------------------------------------------------------------------------------


def _reads_upper(UPLO: str) -> bool:
    if UPLO.upper() not in ("L", "U"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    return UPLO.upper() == "U"


@implements(np.linalg.eigh)
def eigh(a: Array, UPLO: str = "L") -> Any:
    """``np.linalg.eigh``: eigenvalues in ascending order and vectors of a Hermitian matrix.

    Only one triangle is read, so the other one has derivative zero. Within the span of vectors
    whose values are equal to rounding, their derivative is 0.
    """
    return _EIGH(*spectral.eigh(as_operand(a), upper=_reads_upper(UPLO)))


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Array, UPLO: str = "L") -> Array:
    """``np.linalg.eigvalsh``."""
    return spectral.eigh(as_operand(a), upper=_reads_upper(UPLO))[0]


@implements(np.linalg.eig)
def eig(a: Array) -> Any:
    """``np.linalg.eig``; derivatives keep length and phase of vectors.

    Of a real matrix with real eigenvalues the results are real, as NumPy's, where values are known;
    where only types are (``cr.compile``, ``cr.vmap``) they are always complex.
    """
    a = as_operand(a)
    w, v = spectral.eig(a)
    if _are_real(a, w):
        w, v = real(w), real(v)
    return _EIG(w, v)


@implements(np.linalg.eigvals)
def eigvals(a: Array) -> Array:
    """``np.linalg.eigvals``; when the result is real see :func:`eig`."""
    a = as_operand(a)
    w = spectral.eig(a)[0]
    return real(w) if _are_real(a, w) else w


def _are_real(a: Array, w: Array) -> bool:
    if type_of(a).dtype.kind == "c":
        return False
    found = peek(all_p(imag(w) == 0, axes=tuple(range(len(shape_of(w))))), Reading.TRUTH)
    return not isinstance(found, ArrayType) and bool(found)


# ---- singular values -----------------------------------------------------------------------------


@implements(np.linalg.svd)
def svd(
    a: Array, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """``np.linalg.svd``; ``full_matrices=False`` is faster, and all that most programs need.

    Within the span of vectors whose singular values are equal to rounding, and within the null
    space, the derivative of vectors is 0.
    """
    a = as_operand(a)
    if hermitian:
        return _svd_of_hermitian(a, compute_uv)
    found = spectral.svd(a, full=bool(full_matrices) and compute_uv)
    return _SVD(*found) if compute_uv else found[1]


def _svd_of_hermitian(a: Array, compute_uv: bool) -> Any:
    w, v = spectral.eigh(a, upper=False)
    s = absolute(w)
    last = len(shape_of(s)) - 1
    order = flip(argsort_p(s, axis=last), axes=(last,))
    s = _taken(s, order)
    if not compute_uv:
        return s
    v = swap_last(_taken(swap_last(v), order))
    return _SVD(v, s, adjoint(v * as_rows(_taken(sign(w), order))))


def _taken(x: Array, order: Array) -> Array:
    """Entries, or rows, of each example in ``x`` in the given order."""
    lead = shape_of(order)[:-1]
    places = [np.arange(n).reshape(-1, *(1,) * (len(lead) - i)) for i, n in enumerate(lead)]
    slots = tuple(Slot(i) for i in range(len(lead) + 1))
    return getitem(x, *places, order, index=slots)


@implements(np.linalg.svdvals)
def svdvals(x: Array, /) -> Array:
    """``np.linalg.svdvals``: singular values in descending order."""
    return spectral.svd(as_operand(x), full=False)[1]


# ---- ranks ---------------------------------------------------------------------------------------


@constant(np.linalg.matrix_rank)
def matrix_rank(A: Array, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Array:
    """``np.linalg.matrix_rank``: how many singular values are larger than a bound."""
    if tol is not None and rtol is not None:
        raise ValueError("`tol` and `rtol` can't be both set.")
    a = as_operand(A)
    if len(shape_of(a)) < 2:
        zero = all_p(a == 0, axes=tuple(range(len(shape_of(a)))))
        return as_dtype(~zero, np.dtype(np.intp))
    s = svd(a, compute_uv=False, hermitian=hermitian)
    axes = (len(shape_of(s)) - 1,)
    if shape_of(s)[-1] == 0:
        bound: Array = 0
    elif tol is None:
        eps = float(np.finfo(type_of(s).dtype).eps)
        relative = max(shape_of(a)[-2:]) * eps if rtol is None else as_columns(as_operand(rtol))
        bound = keep(max_p(s, axes=axes), s, axes) * relative
    else:
        bound = as_columns(as_operand(tol))
    return sum_p(s > bound, axes=axes)
