"""What distributions of one variable have in common: arguments, support, location and scale.

A distribution states its functions in standard form, for values inside of its support. Here they
are put in place: outside of the support, and where a parameter is not allowed, they are evaluated
at a harmless value and the result is replaced, so that the derivative there is exactly 0 and no
infinity or NaN comes of what is not used.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import div, isfinite, rint, select, stop_gradient
from chainrule.ops.exponentials import exp, log, log1p

Standard = Callable[..., Array]
_DOUBLE = np.dtype(np.float64)


def as_double(x: Any) -> Array:
    """``x`` in float64, which SciPy's distributions compute in."""
    x = as_operand(x)
    return x if type_of(x).weak and type_of(x).dtype.kind == "f" else as_dtype(x, _DOUBLE)


def arguments(
    title: str, names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> list[Array]:
    """Shapes, location and scale in order, from positional and keyword arguments as in SciPy."""
    standard = {"loc": 0.0, "scale": 1.0}
    twice = kwargs.keys() & set(names[: len(args)])
    given = standard | dict(zip(names, args, strict=False)) | dict(kwargs)
    if twice or len(args) > len(names) or not kwargs.keys() <= set(names) <= given.keys():
        optional = (f"{name}={standard[name]:g}" if name in standard else name for name in names)
        raise TypeError(f"{title} takes x, {', '.join(optional)}")
    return [as_double(given[name]) for name in names]


def _log_of(probability: Array, complement: Array) -> Array:
    """``log(p)``, near 1 as ``log1p(-(1 - p))``; ``-inf`` of no derivative where p has vanished."""
    near, nothing = probability > 0.5, probability == 0
    low = log(select(near | nothing, 1.0, probability))
    return select(nothing, -np.inf, select(near, log1p(-select(near, complement, 0.0)), low))


def _shifted(value: Array, scale: Array) -> Array:
    return value - log(scale)


class Continuous(ABC):
    """A continuous distribution; ``middle`` is a value inside of the standard support."""

    shapes: tuple[str, ...] = ()
    low = -np.inf
    high = np.inf
    middle = 1.0

    @abstractmethod
    def _logpdf(self, z: Array, *shapes: Array) -> Array: ...

    @abstractmethod
    def _cdf(self, z: Array, *shapes: Array) -> Array: ...

    @abstractmethod
    def _sf(self, z: Array, *shapes: Array) -> Array: ...

    def _pdf(self, z: Array, *shapes: Array) -> Array:
        return exp(self._logpdf(z, *shapes))

    def _logcdf(self, z: Array, *shapes: Array) -> Array:
        return _log_of(self._cdf(z, *shapes), self._sf(z, *shapes))

    def _logsf(self, z: Array, *shapes: Array) -> Array:
        return _log_of(self._sf(z, *shapes), self._cdf(z, *shapes))

    def logpdf(self, x: Array, *args: Any, **kwargs: Any) -> Array:
        """The logarithm of the density; ``-inf`` outside of the support."""
        return self._density(x, args, kwargs, self._logpdf, -np.inf, _shifted)

    def pdf(self, x: Array, *args: Any, **kwargs: Any) -> Array:
        """The density; 0 outside of the support."""
        return self._density(x, args, kwargs, self._pdf, 0.0, div)

    def cdf(self, x: Array, *args: Any, **kwargs: Any) -> Array:
        """The probability of a value up to x."""
        return self._probability(x, args, kwargs, self._cdf, (0.0, 1.0))

    def sf(self, x: Array, *args: Any, **kwargs: Any) -> Array:
        """The probability of a value above x, to full accuracy where it is small."""
        return self._probability(x, args, kwargs, self._sf, (1.0, 0.0))

    def logcdf(self, x: Array, *args: Any, **kwargs: Any) -> Array:
        """The logarithm of :meth:`cdf`."""
        return self._probability(x, args, kwargs, self._logcdf, (-np.inf, 0.0))

    def logsf(self, x: Array, *args: Any, **kwargs: Any) -> Array:
        """The logarithm of :meth:`sf`."""
        return self._probability(x, args, kwargs, self._logsf, (0.0, -np.inf))

    def _standard(self, x: Any, args: Any, kwargs: Any) -> tuple[Array, Array, list[Array], Array]:
        """The standardised x, whether the parameters are allowed, shapes and scale, made safe."""
        names = (*self.shapes, "loc", "scale")
        *shapes, loc, scale = arguments(type(self).__name__.lower(), names, args, kwargs)
        allowed = scale > 0
        for shape in shapes:
            allowed = allowed & (shape > 0)
        scale = select(allowed, scale, 1.0)
        z = (as_double(x) - loc) / scale
        return z, allowed & (z == z), [select(allowed, shape, 1.0) for shape in shapes], scale

    def _density(
        self, x: Any, args: Any, kwargs: Any, standard: Standard, outside: float, scaled: Standard
    ) -> Array:
        z, allowed, shapes, scale = self._standard(x, args, kwargs)
        inside = allowed & (z >= self.low) & (z <= self.high) & isfinite(z)
        value = scaled(standard(select(inside, z, self.middle), *shapes), scale)
        return select(inside, value, select(allowed, outside, np.nan))

    def _probability(
        self, x: Any, args: Any, kwargs: Any, standard: Standard, ends: tuple[float, float]
    ) -> Array:
        z, allowed, shapes, _ = self._standard(x, args, kwargs)
        inside = allowed & (z > self.low) & (z < self.high) & isfinite(z)
        value = standard(select(inside, z, self.middle), *shapes)
        beyond = select(z <= self.low, ends[0], ends[1])
        return select(inside, value, select(allowed, beyond, np.nan))


class Discrete(ABC):
    """A distribution over whole numbers from 0; no derivative follows its argument k or ``loc``."""

    shapes: tuple[str, ...] = ()

    @abstractmethod
    def _logpmf(self, k: Array, *shapes: Array) -> Array: ...

    @abstractmethod
    def _cdf(self, k: Array, *shapes: Array) -> Array: ...

    @abstractmethod
    def _sf(self, k: Array, *shapes: Array) -> Array: ...

    def logpmf(self, k: Array, *args: Any, **kwargs: Any) -> Array:
        """The logarithm of the probability of k; ``-inf`` where k is no whole number from 0 on."""
        return self._mass(k, args, kwargs, self._logpmf, -np.inf)

    def pmf(self, k: Array, *args: Any, **kwargs: Any) -> Array:
        """The probability of k; 0 where k is no whole number from 0 on."""
        return exp(self._mass(k, args, kwargs, self._logpmf, -np.inf))

    def cdf(self, k: Array, *args: Any, **kwargs: Any) -> Array:
        """The probability of a value up to k."""
        return self._sum(k, args, kwargs, self._cdf, (0.0, 1.0))

    def sf(self, k: Array, *args: Any, **kwargs: Any) -> Array:
        """The probability of a value above k."""
        return self._sum(k, args, kwargs, self._sf, (1.0, 0.0))

    def _standard(self, k: Any, args: Any, kwargs: Any) -> tuple[Array, Array, list[Array]]:
        names = (*self.shapes, "loc")
        *shapes, loc = arguments(type(self).__name__.lower(), names, args, kwargs)
        place = stop_gradient(as_double(k) - loc)
        allowed = place == place
        for shape in shapes:
            allowed = allowed & (shape >= 0)
        return place, allowed, [select(allowed, shape, 1.0) for shape in shapes]

    def _mass(self, k: Any, args: Any, kwargs: Any, standard: Standard, outside: float) -> Array:
        place, allowed, shapes = self._standard(k, args, kwargs)
        inside = allowed & (place >= 0) & (place == rint(place)) & isfinite(place)
        value = standard(select(inside, place, 0.0), *shapes)
        return select(inside, value, select(allowed, outside, np.nan))

    def _sum(
        self, k: Any, args: Any, kwargs: Any, standard: Standard, ends: tuple[float, float]
    ) -> Array:
        place, allowed, shapes = self._standard(k, args, kwargs)
        inside = allowed & (place >= 0) & isfinite(place)
        value = standard(PRIMITIVES["floor"](select(inside, place, 0.0)), *shapes)
        beyond = select(place < 0, ends[0], ends[1])
        return select(inside, value, select(allowed, beyond, np.nan))
