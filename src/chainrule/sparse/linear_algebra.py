"""What linear algebra does to the sets of inputs that its operands depend on.

Whole matrices depend on whole matrices, each of a stack for itself; the columns of a solution each
on their own right hand side. Enter the rules by importing this module.
"""

from __future__ import annotations

import numpy as np

from chainrule.sparse.dependence import Rows, gathered, places, pooled, stretched, union
from chainrule.sparse.rules import Several, Step, rule, spread_along

Shape = tuple[int, ...]


@rule("eigh", "eig", "svd", "qr", "lu")
def factors(step: Step) -> Several:
    """Each result depends on all entries of the matrix."""
    results = [_of_whole(step, v.type.shape) for v in step.equation.outputs]
    return results, [None] * len(results)


@rule(
    "det",
    "log_abs_det",
    "phase_of_det",
    "adjugate",
    "adjugate_along",
    "pinv",
    "expm",
    "sqrtm",
    "solve_sylvester",
)
def whole(step: Step) -> Rows | None:
    """All entries of the matrices."""
    return _of_whole(step, step.shape)


def _of_whole(step: Step, target: Shape) -> Rows | None:
    leads = [shape[:-2] for shape in step.shapes]
    n = max(map(len, leads))
    parts: list[Rows | None] = []
    for rows, shape, lead in zip(step.rows, step.shapes, leads, strict=True):
        every = pooled(rows, shape, (len(lead), len(lead) + 1))
        short = (1,) * (n - len(lead)) + lead + (1,) * (len(target) - n)
        parts.append(stretched(every, short, target))
    return union(parts)


@rule("cholesky")
def factor(step: Step) -> Rows | None:
    """The lower triangle, of the lower triangle."""
    shape = step.shapes[0]
    mask = np.broadcast_to(np.tri(shape[-1], dtype=bool), shape)
    lower = np.where(mask, places(shape), -1)
    whole = spread_along(gathered(step.rows[0], lower), shape, (len(shape) - 2, len(shape) - 1))
    return gathered(whole, lower)


@rule("solve", "solve_triangular", "solve_banded", "lstsq")
def solution(step: Step) -> Rows | None:
    """A column of the solution depends on the matrix and on its column of the right hand side."""
    a, b = step.rows
    of_a, of_b = step.shapes
    n = len(step.shape)
    if "unit" in step.params:  # a triangle of the matrix
        kept = np.tri(of_a[-1], k=-1 if step.params["unit"] else 0, dtype=bool)
        kept = np.broadcast_to(kept if step.params["lower"] else kept.T, of_a)
        a = gathered(a, np.where(kept, places(of_a), -1))
    a = pooled(a, of_a, (len(of_a) - 2, len(of_a) - 1))
    b = pooled(b, of_b, (len(of_b) - 2,))
    shapes = (*of_a[:-2], 1, 1), (*of_b[:-2], 1, of_b[-1])
    parts = zip((a, b), shapes, strict=True)
    return union([stretched(rows, (1,) * (n - len(s)) + s, step.shape) for rows, s in parts])
