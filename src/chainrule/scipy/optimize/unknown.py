"""The unknown of a problem: a container on the user's side, one vector on SciPy's."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import scipy

from chainrule.compile import compiled_like
from chainrule.core.errors import DTypeError
from chainrule.core.trace import TracedValue, type_of
from chainrule.core.tree import flatten, leaf_names, unflatten
from chainrule.transforms.custom.plain import plain
from chainrule.transforms.derived import hvp, jacobian, value_and_grad
from chainrule.transforms.vector import VectorForm, form_of

Function = Callable[..., Any]

library: Any = scipy  # ships no types, and loads its parts when they are asked for


def start_of(x0: Any, name: str) -> Any:
    """``x0`` with floats for integers; a list or tuple of numbers is an array, as in SciPy."""
    numbers = isinstance(x0, (list, tuple)) and cast("Sequence[Any]", x0)
    if numbers and all(type(x) in (int, float) for x in numbers):
        return np.array(x0, float)
    leaves, structure = flatten(x0)
    for i, x in enumerate(leaves):
        is_array = isinstance(x, (np.ndarray, np.generic, TracedValue, int, float, complex))
        if not is_array or type_of(x).dtype.kind not in "iuf":
            where = leaf_names(structure)[i] or "x0"
            kind = type_of(x) if is_array else type(x).__name__
            raise DTypeError(
                f"{name}: {where} is {kind}; the unknown is an array of real numbers, or a"
                " container of arrays (of a complex one, pass real and imaginary parts)"
            )
        if type_of(x).dtype.kind in "iu":
            leaves[i] = np.asarray(x, float)
    return unflatten(structure, leaves)


@dataclass(frozen=True)
class Unknown:
    """Functions of the container as functions of the vector, with their derivatives.

    ``name`` is what errors call the solver. The derivatives of a compiled function are compiled.
    """

    form: VectorForm
    name: str

    def of_vector(self, f: Function) -> Function:
        """``f(x, *args)`` as a function of the vector."""

        def of_vector(vector: Any, *args: Any) -> Any:
            return f(self.form.whole(vector), *args)

        return of_vector

    def values(self, f: Function) -> Function:
        """``f``, whose result may be a list or a container, with a vector as its result."""

        def values(vector: Any, *args: Any) -> Any:
            out = f(self.form.whole(vector), *args)
            return form_of(out).vector(out)

        return values

    def value_and_grad(self, f: Function) -> Function:
        """``vector, *args -> (f, gradient)``."""
        return self._given(f, "value_and_grad", value_and_grad(self.of_vector(f)))

    def hvp(self, f: Function) -> Function:
        """``vector, direction, *args -> H @ direction``."""
        flat = self.of_vector(f)

        def product(vector: Any, direction: Any, *args: Any) -> Any:
            def of_vector(v: Any) -> Any:
                return flat(v, *args)

            return hvp(of_vector, (vector,), (direction,))

        return self._given(f, "hvp", product)

    def hessian(self, f: Function) -> Function:
        """``vector, *args -> H``."""
        gradient = value_and_grad(self.of_vector(f))

        def slope(vector: Any, *args: Any) -> Any:
            return gradient(vector, *args)[1]

        return self._given(f, "hessian", jacobian(slope, mode="forward"))

    def jacobian(self, f: Function) -> Function:
        """``vector, *args -> `` the matrix of derivatives of all values of ``f``."""
        return self._given(f, "jacobian", jacobian(self.values(f)))

    def evaluated(self, f: Function) -> Function:
        """``vector, *args -> `` all values of ``f``, for SciPy."""
        values = self.values(f)

        def run(vector: Any, *args: Any) -> Any:
            return plain(values(np.array(vector), *args), self.name)

        return run

    def _given(self, f: Function, kind: Hashable, g: Function) -> Function:
        made = compiled_like(f, (kind, self.form), g)

        def run(vector: Any, *args: Any) -> Any:
            return plain(made(np.array(vector, float), *args), self.name)

        return run


def unknown_of(x0: Any, name: str) -> tuple[Unknown, Any]:
    """The unknown like ``x0``, and ``x0`` as a vector of float64."""
    form = form_of(x0)
    return Unknown(form, name), np.asarray(form.vector(x0), float)
