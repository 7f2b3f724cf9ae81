"""The methods of arrays on traced values: each is the NumPy function of its name.

Methods that change the array in place write the function's result through ``aliasing.py``. What
only plain memory has is in ``refusals.py``, with what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import TraceError

_THROUGH_NUMPY = (
    "sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "cumprod", "all", "any",
    "argmax", "argmin", "argsort", "argpartition", "searchsorted", "clip", "round", "ravel",
    "squeeze", "swapaxes", "diagonal", "trace", "dot", "nonzero", "conj", "conjugate", "take",
    "repeat", "choose", "put",
)  # fmt: skip


def _through_numpy(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    return _named(method, name, f"As ``np.{name}(x, ...)``.")


def _named(method: Any, name: str, doc: str) -> Callable[..., Any]:
    method.__name__, method.__doc__ = name, doc
    return method


# ---- methods whose arguments differ from the function's ------------------------------------------


def reshape(self: Any, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
    """As ``np.reshape``; the shape may be given as a tuple or as separate numbers."""
    return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order, copy=copy)


def transpose(self: Any, *axes: Any) -> Any:
    """As ``np.transpose``; the axes may be given as a tuple or as separate numbers."""
    return np.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)


def flatten(self: Any, order: Any = "C") -> Any:
    """A one-dimensional copy."""
    return np.copy(np.reshape(self, -1, order=order))


def copy(self: Any, order: Any = "C") -> Any:
    """A copy; in C order unless told otherwise, which ``np.copy`` is not."""
    return np.copy(self, order=order)


def compress(self: Any, condition: Any, axis: Any = None, out: Any = None) -> Any:
    """As ``np.compress(condition, x)``."""
    return np.compress(condition, self, axis=axis, out=out)


def astype(
    self: Any,
    dtype: Any,
    order: Any = "K",
    casting: Any = "unsafe",
    subok: bool = True,
    copy: bool = True,
) -> Any:
    """As ``np.astype``, with a check by the rules of ``casting``."""
    if not np.can_cast(self.dtype, np.dtype(dtype), casting):
        raise TypeError(f"cannot cast {self.dtype} to {np.dtype(dtype)} by casting={casting!r}")
    return np.astype(self, np.dtype(dtype), copy=copy)


def view(self: Any, dtype: Any = None, type: Any = None) -> Any:
    """The same array under a second name; another dtype for the same bits cannot be recorded."""
    if dtype in (None, np.ndarray) or np.dtype(dtype) == self.dtype:
        return self[...]
    raise TraceError(
        f"x.view({dtype}) reads the bits of {self.dtype} as other numbers, which no derivative"
        " follows; write x.astype(dtype) to convert, x.real and x.imag for parts, a + 1j * b to"
        " join them"
    )


def to_device(self: Any, device: Any, /, *, stream: Any = None) -> Any:
    """The array itself, which is in the memory of the CPU."""
    if device != "cpu" or stream is not None:
        raise ValueError(f"x.to_device: arrays live on 'cpu', got {device!r}")
    return self


# ---- in place ------------------------------------------------------------------------------------


def fill(self: Any, value: Any) -> None:
    """All entries become ``value``."""
    if np.ndim(value):
        raise ValueError(f"x.fill(v) takes one number, got shape {np.shape(value)}; use x[...] = v")
    self[...] = value


def sort(
    self: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> None:
    """Sort in place, as ``np.sort`` does in a copy."""
    options = {} if stable is None else {"stable": stable}
    self[...] = np.sort(self, axis=axis, kind=kind, order=order, **options)


def partition(
    self: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None
) -> None:
    """Partition in place, as ``np.partition`` does in a copy."""
    self[...] = np.partition(self, kth, axis=axis, kind=kind, order=order)


_OWN = (
    reshape, transpose, flatten, copy, compress, astype, view, to_device, fill, sort, partition,
)  # fmt: skip


def install_methods(cls: type) -> None:
    """Give the class of traced values its methods."""
    for name in _THROUGH_NUMPY:
        setattr(cls, name, _through_numpy(name))
    for method in _OWN:
        setattr(cls, method.__name__, method)
