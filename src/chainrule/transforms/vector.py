"""A nested container of arrays as one vector, and back: what solvers of SciPy and LAPACK take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.trace import type_of
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.ops.define import as_dtype


@dataclass(frozen=True)
class VectorForm:
    """The structure of a container, and the types of the arrays in it.

    >>> form = form_of({"a": np.eye(2), "b": 5.0})
    >>> form.vector({"a": np.eye(2), "b": 5.0})
    array([1., 0., 0., 1., 5.])
    >>> form.whole(np.arange(5.0))
    {'a': array([[0., 1.],
           [2., 3.]]), 'b': array(4.)}
    """

    structure: Structure
    types: tuple[ArrayType, ...]

    @property
    def size(self) -> int:
        """The length of the vector."""
        return sum(t.size for t in self.types)

    def vector(self, tree: Any) -> Any:
        """A container of this form as one vector."""
        return np.concatenate([np.reshape(x, (-1,)) for x in flatten(tree)[0]])

    def whole(self, vector: Any) -> Any:
        """The container that a vector stands for."""
        parts: list[Any] = []
        start = 0
        for t in self.types:
            part = vector[start : start + t.size]
            parts.append(as_dtype(np.reshape(part, t.shape), t.dtype))
            start += t.size
        return unflatten(self.structure, parts)


def form_of(tree: Any) -> VectorForm:
    """The form of a container of arrays."""
    leaves, structure = flatten(tree)
    return VectorForm(structure, tuple(map(type_of, leaves)))
