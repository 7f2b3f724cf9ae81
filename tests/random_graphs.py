"""Random graphs whose nodes are the rows of the table of cases, so all that is registered occurs.

A node is a case at inputs near its own: each differentiable input is moved a little, by an earlier
value of the graph that is brought to its shape. Results are squashed, so that sizes stay moderate
however deep the graph is. What a row of the table adds is in the graphs from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from chainrule.core.trace import type_of
from chainrule.core.tree import flatten

from .cases import CASES, Case

Choice = tuple[int, int, int]  # which case, and which values its first two inputs are moved by
WIDE = (np.dtype(np.float64), np.dtype(np.complex128))


def _is_wide(case: Case) -> bool:
    kinds = [np.result_type(x) for x in case.inputs]
    return all(k in WIDE or k.kind in "iub" for k in kinds)


def _is_tame(case: Case) -> bool:
    """Finite where it is and around."""
    if not (case.argnums and case.smooth and not case.constant and _is_wide(case)):
        return False
    floats = [x for x in case.inputs if np.result_type(x).kind in "fc"]
    return all(np.all(np.isfinite(x)) for x in floats)


NODES = [c for c in CASES if _is_tame(c)]
START = np.random.default_rng(0).uniform(-1, 1, 6)


def _shaped(value: Any, shape: tuple[int, ...]) -> Any:
    """The entries of a vector, again and again, in another shape."""
    size = int(np.prod(shape))
    return np.reshape(value[np.arange(size) % np.shape(value)[0]], shape)


def _squashed(leaf: Any) -> Any:
    """Real numbers between -1 and 1, as a vector."""
    parts = [np.real(leaf), np.imag(leaf)] if type_of(leaf).dtype.kind == "c" else [leaf]
    return np.concatenate([np.reshape(p / (1 + np.abs(p)), (-1,)) for p in parts])


def node(case: Case, values: list[Any], places: tuple[int, int]) -> list[Any]:
    """What a case gives near its inputs, as vectors.

    All depend on x, if only by 0 x: a plain array, such as a sign, cannot be written into.
    """
    inputs = list(case.inputs)
    for i in case.argnums:
        by = values[places[i % 2] % len(values)]
        inputs[i] = inputs[i] + 1e-2 * _shaped(by, np.shape(inputs[i]))
    leaves = [x for x in flatten(case.f(*inputs))[0] if type_of(x).dtype in WIDE]
    return [_squashed(x) + 0 * values[0][:1] for x in leaves if np.size(x)]


def graph_of(choices: list[Choice]) -> Callable[[Any], Any]:
    """A function of a vector of six: the last values of the graph, as one vector."""

    def f(x: Any) -> Any:
        values = [x]
        for which, first, second in choices:
            values += node(NODES[which % len(NODES)], values, (-1 - first, -1 - second))
        return np.concatenate(values[-3:])

    return f


def graphs(longest: int) -> st.SearchStrategy[list[Choice]]:
    """Lists of choices; short distances back, so that graphs are deep."""
    back = st.integers(0, 3)
    choice = st.tuples(st.integers(0, len(NODES) - 1), back, back)
    return st.lists(choice, min_size=1, max_size=longest)


def names(choices: list[Choice]) -> list[str]:
    return [NODES[which % len(NODES)].name for which, _, _ in choices]
