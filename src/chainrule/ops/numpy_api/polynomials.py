"""NumPy's functions of polynomials, given by their coefficients, the highest power first.

Where NumPy takes zeros off the front of a polynomial, the length of the result depends on values,
so these must be known: while compiling they are not, unless with ``branches=True``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.convolution import FULL, convolution
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import conj, imag, is_complex, real
from chainrule.ops.numpy_api.deciding import known_truth
from chainrule.ops.numpy_api.implements import implements, refuse
from chainrule.ops.numpy_api.sorting import sort
from chainrule.ops.numpy_api.spectral import eigvals
from chainrule.ops.polynomial_roots import roots_p
from chainrule.ops.reductions import all_p
from chainrule.ops.shaping import concatenate, reshape, slice_axis

refuse("a polynomial object holds plain numbers; use np.polyval and its kin", np.poly1d)


def _coefficients(p: Any, name: str) -> Array:
    if isinstance(p, np.poly1d):
        raise TraceError(
            f"{name}: an np.poly1d and traced values do not mix; pass its coefficients, p.coeffs"
        )
    p = as_operand(p)
    if len(shape_of(p)) > 1:
        raise ShapeError(f"{name} takes rows of coefficients, not an array of {shape_of(p)}")
    return p if shape_of(p) else reshape(p, shape=(1,))


def _length(p: Array) -> int:
    return shape_of(p)[0]


def _from(p: Array, start: int) -> Array:
    return slice_axis(p, 0, start, _length(p))


def _trimmed(p: Array, name: str) -> Array:
    """Without zeros in front, of which one is kept if there is nothing else."""
    if _length(p) == 0:
        return np.zeros(1, type_of(p).dtype)
    while _length(p) > 1 and known_truth(p[0] == 0, name):
        p = _from(p, 1)
    return p


def _padded(p: Array, length: int) -> Array:
    missing = length - _length(p)
    return concatenate([np.zeros(missing, type_of(p).dtype), p], 0) if missing > 0 else p


def _aligned(a1: Any, a2: Any, name: str) -> tuple[Array, Array]:
    p, q = _coefficients(a1, name), _coefficients(a2, name)
    length = max(_length(p), _length(q))
    return _padded(p, length), _padded(q, length)


@implements(np.polyadd)
def polyadd(a1: Array, a2: Array) -> Array:
    """``np.polyadd``: the sum of two polynomials."""
    p, q = _aligned(a1, a2, "np.polyadd")
    return p + q


@implements(np.polysub)
def polysub(a1: Array, a2: Array) -> Array:
    """``np.polysub``: the difference of two polynomials."""
    p, q = _aligned(a1, a2, "np.polysub")
    return p - q


@implements(np.polymul)
def polymul(a1: Array, a2: Array) -> Array:
    """``np.polymul``: the product of two polynomials, without zeros in front."""
    p, q = (_trimmed(_coefficients(a, "np.polymul"), "np.polymul") for a in (a1, a2))
    return convolution(p, q, mode=FULL, rank=1)


@implements(np.polydiv)
def polydiv(u: Array, v: Array) -> tuple[Array, Array]:
    """``np.polydiv``: quotient and remainder; of the latter, what is almost 0 in front is left out.

    >>> import chainrule as cr
    >>> cr.grad(lambda u: np.polydiv(u, np.array([1.0, -2.0]))[1][0])(np.array([1.0, 1.0, 5.0]))
    array([4., 2., 1.])
    """
    u, v = _coefficients(u, "np.polydiv") + 0.0, _coefficients(v, "np.polydiv") + 0.0
    dtype = np.result_type(type_of(u).dtype, type_of(v).dtype)
    steps, width = _length(u) - _length(v) + 1, _length(v)
    scale, rest = 1.0 / v[0], as_dtype(u, dtype)
    quotient: list[Array] = []
    for k in range(steps):
        share = scale * rest[k]
        quotient.append(reshape(share, shape=(1,)))
        inner = slice_axis(rest, 0, k, k + width) - share * v
        rest = concatenate([slice_axis(rest, 0, 0, k), inner, _from(rest, k + width)], 0)
    while _length(rest) > 1 and known_truth(abs(rest[0]) <= 1e-8, "np.polydiv"):
        rest = _from(rest, 1)
    return concatenate(quotient, 0) if quotient else np.zeros(1, dtype), rest


@implements(np.polyval)
def polyval(p: Array, x: Array) -> Array:
    """``np.polyval`` by Horner's rule, differentiable in the coefficients and in ``x``."""
    if isinstance(x, np.poly1d):
        raise TraceError("np.polyval: an np.poly1d and traced values do not mix; compose functions")
    p, x = as_operand(p), as_operand(x)
    value: Array = np.zeros(shape_of(x), type_of(x).dtype)[()]
    for i in range(_length(p)):
        value = value * x + p[i]
    return value


@implements(np.polyder)
def polyder(p: Array, m: int = 1) -> Array:
    """``np.polyder``: the m-th derivative of a polynomial."""
    m, p = int(m), _coefficients(p, "np.polyder")
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    for _ in range(m):
        n = max(_length(p) - 1, 0)
        p = slice_axis(p, 0, 0, n) * np.arange(n, 0, -1)
    return p


@implements(np.polyint)
def polyint(p: Array, m: int = 1, k: Any = None) -> Array:
    """``np.polyint``: the m-th antiderivative, with ``k`` as the constants of integration."""
    m, p = int(m), _coefficients(p, "np.polyint")
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    constants = _coefficients(np.zeros(m) if k is None else k, "np.polyint")
    if _length(constants) < m and _length(constants) != 1:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for i in range(m):
        at = i if _length(constants) > 1 else 0
        divided = p / np.arange(_length(p), 0, -1)
        p = concatenate([divided, slice_axis(constants, 0, at, at + 1)], 0)
    return p


# ---- roots ---------------------------------------------------------------------------------------


@implements(np.roots)
def roots(p: Array) -> Array:
    """``np.roots``: the derivative of a simple root; of a multiple one it is infinite.

    Values must be known, for zeros at both ends and for whether all roots are real.

    >>> import chainrule as cr
    >>> largest = lambda p: np.max(np.roots(p))
    >>> cr.grad(largest)(np.array([1.0, -3.0, 2.0])).round(12)
    array([-4., -2., -1.])
    """
    p = _trimmed(_coefficients(p, "np.roots"), "np.roots")
    if type_of(p).dtype.kind not in "fc":
        p = as_dtype(p, np.dtype(np.float64))
    zeros = 0
    while _length(p) > 1 and known_truth(p[-1] == 0, "np.roots"):
        p, zeros = slice_axis(p, 0, 0, _length(p) - 1), zeros + 1
    if _length(p) < 2:
        return np.zeros(zeros if _length(p) and known_truth(p[0] != 0, "np.roots") else 0)
    found = roots_p(p)
    if not is_complex(p) and known_truth(all_p(imag(found) == 0, axes=(0,)), "np.roots"):
        found = real(found)
    return concatenate([found, np.zeros(zeros, type_of(found).dtype)], 0) if zeros else found


@implements(np.poly)
def poly(seq_of_zeros: Array) -> Array:
    """``np.poly``: the polynomial with given roots, or of a matrix the characteristic one."""
    zeros = as_operand(seq_of_zeros)
    shape = shape_of(zeros)
    if len(shape) == 2 and shape[0] == shape[1] and shape[0] != 0:
        zeros = eigvals(zeros)
    elif len(shape) < 2:
        zeros = reshape(zeros, shape=(type_of(zeros).size,))
        zeros = as_dtype(zeros, np.dtype(np.mintypecode(type_of(zeros).dtype.char)))
    else:
        raise ShapeError(f"np.poly takes a row of roots or a square matrix, not {shape}")
    none = np.zeros(1, type_of(zeros).dtype)
    product: Array = none + 1
    for i in range(_length(zeros)):
        product = concatenate([product, none], 0) - concatenate([none, product * zeros[i]], 0)
    if is_complex(product) and known_truth(np.all(sort(zeros) == sort(conj(zeros))), "np.poly"):
        return real(product)
    return product
