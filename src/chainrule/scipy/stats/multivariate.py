"""Distributions of several variables: multivariate_normal and dirichlet."""

from __future__ import annotations

import math
from typing import Any, NoReturn, final

import numpy as np

from chainrule.core.errors import ArgumentError, NoRuleError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.peek import Reading, peek
from chainrule.core.trace import shape_of
from chainrule.ops.define import Array
from chainrule.ops.elementwise import absolute
from chainrule.ops.exponentials import exp, log
from chainrule.ops.linalg import solve_triangular
from chainrule.ops.numpy_api.linalg import cholesky
from chainrule.ops.powers import square
from chainrule.ops.reductions import all_axes, any_p, sum_p
from chainrule.ops.shaping import broadcast_to, concatenate, expand, reshape, swap_last
from chainrule.ops.special.entropy import xlogy
from chainrule.ops.special.gamma import gammaln
from chainrule.scipy.stats.distribution import as_double


def _refuse_if(condition: Array, why: str) -> None:
    """Raise if a condition holds anywhere, as far as its values are known."""
    found = peek(any_p(condition, axes=all_axes(condition)), Reading.TRUTH)
    if type(found) is not ArrayType and found:
        raise ArgumentError(why)


@final
class MultivariateNormal:
    """The normal distribution of d variables with a mean and a covariance matrix.

    ``log p(x) = -(d log(2 pi) + log det C + (x - m)^T C^-1 (x - m)) / 2``, by the Cholesky factor
    of C (Rasmussen and Williams, Gaussian Processes for Machine Learning, A.2). There is no cdf:
    SciPy's is a randomised integral, which has no derivative.

    >>> import numpy as np, chainrule as cr
    >>> logpdf = cr.scipy.stats.multivariate_normal.logpdf
    >>> print(f"{logpdf(np.array([1.0, 0.0]), [0.0, 0.0], [[2.0, 1.0], [1.0, 2.0]]):.6g}")
    -2.72052
    """

    def logpdf(
        self, x: Array, mean: Array | None = None, cov: Array = 1.0, allow_singular: bool = False
    ) -> Array:
        """The logarithm of the density at x, of shape (..., d); the result has shape (...).

        Args:
            x: places; a vector is one of them, or d = 1 and several.
            mean: shape (d,), or one number for d = 1; zeros by default.
            cov: shape (d, d), symmetric positive definite; or the variances, shape (d,); or one
                variance for all.
            allow_singular: must be false, since the density of a singular matrix is no smooth
                function of it.

        Raises:
            LinAlgError: ``cov`` is not positive definite.
            ShapeError: the shapes do not fit together.
        """
        if allow_singular:
            raise NoRuleError(
                "multivariate_normal: allow_singular=True has no derivative in cov; add a small"
                " multiple of the identity matrix to cov"
            )
        x, mean, cov = self._arguments(as_double(x), mean, as_double(cov))
        n, size = shape_of(cov)[0], math.prod(shape_of(x)[:-1])
        factor = cholesky(0.5 * (cov + swap_last(cov)))
        away = swap_last(reshape(x - mean, shape=(size, n)))
        solved = solve_triangular(factor, away, lower=True, unit=False)
        distance = sum_p(square(solved), axes=(0,))
        log_det = 2 * sum_p(log(np.einsum("ii->i", factor)), axes=(0,))
        values = -0.5 * (distance + (n * math.log(2 * math.pi) + log_det))
        shape = tuple(k for k in shape_of(x)[:-1] if k != 1)  # as SciPy, which drops axes of one
        return reshape(values, shape=shape) if shape else values[0]

    def pdf(
        self, x: Array, mean: Array | None = None, cov: Array = 1.0, allow_singular: bool = False
    ) -> Array:
        """The density, the exponential of :meth:`logpdf`."""
        return exp(self.logpdf(x, mean, cov, allow_singular))

    def cdf(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused: SciPy integrates at random places, which has no derivative."""
        raise NoRuleError(
            "multivariate_normal.cdf is a randomised integral in SciPy and has no derivative; call"
            " scipy.stats outside of the traced function"
        )

    def _arguments(self, x: Array, mean: Any, cov: Array) -> tuple[Array, Array, Array]:
        """Places as (..., d), the mean as (d,) and the covariance as (d, d)."""
        given = () if mean is None else shape_of(as_double(mean))
        d = math.prod(given) if mean is not None else shape_of(cov)[0] if shape_of(cov)[1:] else 1
        if given not in ((), (d,)) or shape_of(cov) not in ((), (d,), (d, d)):
            raise ShapeError(
                f"multivariate_normal: mean {given} and cov {shape_of(cov)} do not fit; of d"
                " variables the mean is (d,) and cov is (d, d)"
            )
        center = broadcast_to(as_double(0.0 if mean is None else mean) + np.zeros(d), shape=(d,))
        if len(shape_of(cov)) < 2:
            cov = np.eye(d) * cov
        if len(shape_of(x)) < 2:
            x = reshape(x, shape=(math.prod(shape_of(x)), 1) if d == 1 else (1, *shape_of(x)))
        if shape_of(x)[-1] != d:
            raise ShapeError(
                f"multivariate_normal: x {shape_of(x)} does not fit a mean of {d} entries; its"
                f" last axis must have length {d}"
            )
        return x, center, cov


@final
class Dirichlet:
    """The Dirichlet distribution over the simplex of K positive numbers that add up to 1.

    Density ``prod_i x_i**(alpha_i - 1) / B(alpha)``, ``B(alpha) = prod Gamma(alpha_i) / Gamma(sum
    alpha)``. Kotz, Balakrishnan and Johnson, Continuous Multivariate Distributions (2000), 49.

    >>> import numpy as np, chainrule as cr
    >>> print(f"{cr.scipy.stats.dirichlet.pdf(np.array([0.2, 0.3, 0.5]), [1.0, 2.0, 3.0]):.6g}")
    4.5
    """

    def logpdf(self, x: Array, alpha: Array) -> Array:
        """The logarithm of the density.

        Args:
            x: shape (K,) or (K, n), the components along the first axis; the last component may be
                left out, it is then what the others leave of 1.
            alpha: shape (K,), positive.

        Derivatives are those of the formula, in each component by itself; a direction that stays
        on the simplex has components that add up to 0.

        Raises:
            ArgumentError: x is not on the simplex, or alpha not positive, if values are known.
            ShapeError: the shapes do not fit together.
        """
        x, alpha = self._arguments(as_double(x), as_double(alpha))
        shape = shape_of(x)
        weights = reshape(alpha, shape=(shape[0], *(1,) * (len(shape) - 1)))
        log_beta = sum_p(gammaln(alpha), axes=(0,)) - gammaln(sum_p(alpha, axes=(0,)))
        return sum_p(xlogy(weights - 1, x), axes=(0,)) - log_beta

    def pdf(self, x: Array, alpha: Array) -> Array:
        """The density, the exponential of :meth:`logpdf`."""
        return exp(self.logpdf(x, alpha))

    def _arguments(self, x: Array, alpha: Array) -> tuple[Array, Array]:
        """All components, checked as SciPy checks them."""
        shapes = shape_of(x), shape_of(alpha)
        if (
            len(shapes[1]) != 1
            or not shapes[0]
            or shapes[0][0] not in (shapes[1][0], shapes[1][0] - 1)
        ):
            raise ShapeError(
                f"dirichlet: x {shapes[0]} does not fit alpha {shapes[1]}; alpha is (K,) and x (K,)"
                " or (K, n), or with K - 1 components"
            )
        _refuse_if(alpha <= 0, "dirichlet: all entries of alpha must be positive")
        if shapes[0][0] == shapes[1][0] - 1:
            x = concatenate([x, expand(1 - sum_p(x, axes=(0,)), 0)], 0)
        _refuse_if(x < 0, "dirichlet: all components of x must be positive")
        total = sum_p(x, axes=(0,))
        _refuse_if(
            absolute(total - 1) > 1e-9, "dirichlet: the components of x must add up to 1, axis 0"
        )
        return x, alpha
