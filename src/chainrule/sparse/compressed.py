"""Compressed sweeps: one direction for each colour, pushed or pulled through one recording.

The direction of colour c is 1 at the columns (rows) of that colour. Without compilation a sweep is
a walk over the recording; compiled, the walk is traced once as the body of a loop over the colours,
so that the machine code is as long for three sweeps as for a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np

from chainrule.compile import Executor, compile
from chainrule.core.trace import type_of
from chainrule.ops.define import as_dtype
from chainrule.sparse.plan import Run, SparsePlan
from chainrule.transforms.control.scan import scan
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.jvp import push_forward
from chainrule.transforms.recording import Recording
from chainrule.transforms.sweeps import count_forward, count_reverse, uncounted
from chainrule.transforms.vjp import pull_back

Array = Any
Record = Callable[..., Recording]


def walked(recording: Recording, plan: SparsePlan) -> Run:
    """The sweeps over a recording with its values, one after the other."""

    def run(first: int, count: int, places: Array) -> Array:
        sweeps = range(first, first + count)
        block = [_swept(recording, plan, plan.colours == c) for c in sweeps]
        return np.concatenate(block)[places]

    return run


def compiled(
    record: Record, plan: SparsePlan, executor: Executor, dtype: np.dtype[Any]
) -> Callable[..., Run]:
    """The sweeps over what ``record(*args)`` records, as one compiled function of the arguments.

    ``dtype`` is that of the directions. They are made once, because a loop that makes them from the
    colours takes longer than one that reads them.
    """

    def entries(directions: Array, places: Array, args: Any, kwargs: Any) -> Array:
        recording = record(args, kwargs)
        results = scan(lambda _, row: ((), _swept(recording, plan, row)), (), directions)[1]
        return np.reshape(results, (-1,))[places]

    machine = compile(entries, executor=executor)

    @lru_cache(maxsize=1)
    def directions(first: int, count: int) -> Array:
        colours = np.arange(first, first + count, dtype=plan.colours.dtype)
        return (plan.colours == colours[:, None]).astype(dtype)

    def at(args: Any, kwargs: Any) -> Run:
        def run(first: int, count: int, places: Array) -> Array:
            with uncounted():
                taken = machine(directions(first, count), places, args, kwargs)
            if plan.mode == "reverse":
                count_reverse(count)
            else:
                count_forward(count)
                count_reverse(plan.mode == "symmetric")  # the gradient
            return taken

        return run

    return at


def _swept(recording: Recording, plan: SparsePlan, row: Array) -> Array:
    """The result of a sweep in one row; ``row`` is its direction."""
    if plan.mode == "reverse":
        pulled = pull_back(recording, _direction(row, recording.outputs))
        return _flat(or_zeros(pulled, recording.inputs))
    return _flat(push_forward(recording, _direction(row, recording.inputs)))


def _direction(row: Array, like: Sequence[Any]) -> list[Array]:
    """A row cut into parts of the shapes and dtypes of these values."""
    kinds = [type_of(x) for x in like]
    ends = list(accumulate(kind.size for kind in kinds))
    parts = [row] if len(kinds) == 1 else [
        row[end - kind.size : end] for end, kind in zip(ends, kinds, strict=True)
    ]  # fmt: skip
    return [
        as_dtype(np.reshape(part, kind.shape), kind.dtype)
        for part, kind in zip(parts, kinds, strict=True)
    ]


def _flat(values: Sequence[Any]) -> Array:
    rows = [np.reshape(x, (type_of(x).size,)) for x in values]
    return rows[0] if len(rows) == 1 else np.concatenate(rows)
