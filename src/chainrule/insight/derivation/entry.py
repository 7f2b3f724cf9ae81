"""``cr.insight.derivation``: of a network, its backpropagation; of a function, its derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.derivation.lines import Derivation
from chainrule.insight.derivation.network import network_derivation
from chainrule.nn.layers import Sequential
from chainrule.nn.network import Network
from chainrule.nn.stack import GivenCost, Stack, stack_of


def derivation(f: Any, *args: Any, params: Any = None, cost: GivenCost = None) -> Derivation:
    with users_frames:
        if isinstance(f, (Network, Sequential)):
            stack = stack_of(f, params, cost)
            return network_derivation(stack, None if not args else _example(stack, args))
        raise NotImplementedError


def _example(stack: Stack, args: tuple[Any, ...]) -> tuple[Any, Any]:
    x, y = (np.ravel(np.asarray(a, np.float64)) for a in args)
    return x, y
