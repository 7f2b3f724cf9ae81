"""Bounds and constraints on a container, as SciPy takes them: on a vector, with Jacobians."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.tree import LEAF, structure_text
from chainrule.scipy.optimize.unknown import Unknown, library


def bounds_of(bounds: Any, unknown: Unknown) -> Any:
    """Bounds on the vector, given as SciPy's or as a pair for each array of the container."""
    form = unknown.form
    if bounds is None or isinstance(bounds, library.optimize.Bounds) or form.structure == LEAF:
        return bounds
    try:
        pairs = cast("list[Any]", form.structure.flatten_up_to(bounds))
        ends = [_pair(pair, t.shape) for pair, t in zip(pairs, form.types, strict=True)]
    except (ValueError, TypeError) as error:
        raise ShapeError(
            f"{unknown.name}: bounds must be scipy.optimize.Bounds for the vector of all numbers,"
            f" or a pair (lowest, highest) for each array of {structure_text(form.structure)}, None"
            f" where there is none: {error}"
        ) from error
    return library.optimize.Bounds(*(np.concatenate(side) for side in zip(*ends, strict=True)))


def _pair(pair: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    low, high = (None, None) if pair is None else pair
    ends = (-np.inf if low is None else low, np.inf if high is None else high)
    low, high = (np.broadcast_to(np.asarray(x, float), shape).ravel() for x in ends)
    return low, high


def constraints_of(constraints: Any, unknown: Unknown) -> Any:
    """SciPy's constraints with functions of the vector, their Jacobians filled in."""
    if isinstance(constraints, (list, tuple)):
        return [_constraint(c, unknown) for c in cast("list[Any]", constraints)]
    return _constraint(constraints, unknown)


def _constraint(c: Any, unknown: Unknown) -> Any:
    if isinstance(c, Mapping):
        given = dict(cast("Mapping[str, Any]", c))
        jac = given.get("jac")
        given["jac"] = unknown.of_vector(jac) if callable(jac) else unknown.jacobian(given["fun"])
        return {**given, "fun": unknown.evaluated(given["fun"])}
    if isinstance(c, library.optimize.NonlinearConstraint):
        jac = c.jac if callable(c.jac) else None
        return library.optimize.NonlinearConstraint(
            unknown.evaluated(c.fun),
            c.lb,
            c.ub,
            jac=unknown.of_vector(jac) if jac else unknown.jacobian(c.fun),
            hess=unknown.of_vector(c.hess) if callable(c.hess) else c.hess,
            keep_feasible=c.keep_feasible,
        )
    return c  # linear: its matrix is of the vector
