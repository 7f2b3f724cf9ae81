"""``cr.insight.derivation``: of a network, its backpropagation; of a function, its derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.derivations.function import (
    LIMIT,
    FunctionDerivation,
    function_derivation,
)
from chainrule.insight.derivations.lines import Derivation
from chainrule.insight.derivations.network import network_derivation
from chainrule.nn.examples import as_rows, one_hot_rows
from chainrule.nn.layers import Sequential
from chainrule.nn.network import Network
from chainrule.nn.stack import GivenCost, Stack, stack_of

Array = Any


@overload
def derivation(
    f: Network | Sequential, *args: Any, params: Any = ..., cost: GivenCost = ...
) -> Derivation: ...
@overload
def derivation(
    f: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = ...,
    cotangent: Any = ...,
    limit: int = ...,
) -> FunctionDerivation: ...
def derivation(
    f: Network | Sequential | Callable[..., Any],
    *args: Any,
    params: Any = None,
    cost: GivenCost = None,
    argnums: int | Sequence[int] | None = None,
    cotangent: Any = None,
    limit: int = LIMIT,
) -> Derivation | FunctionDerivation:
    r"""The derivation of the gradient, line by line, each checked by numbers before it is shown.

    Of a network: the forward equations; the four equations of backpropagation for any activation
    and cost, which are read off the reverse sweep with symbols in the place of numbers; and what
    they become with the activations and the cost of this network, whose derivatives come from their
    own graphs, be they the package's or the user's. The error of a layer is ``delta = dC/dz``,
    layers count from 1 to L, vectors are columns. Each side of each equation is evaluated at random
    parameters and at the network's own, and compared with the gradient that training uses.

    Of any other function of plain NumPy: its lines at these arguments, beside each its equations
    and what they give back, and the reverse sweep in its order; see ``function.py``.

    Args:
        f: a ``Network``, a ``Sequential``, or a function.
        args: the function's arguments; of a network nothing, or one example ``x, y`` at which its
            lines are checked, too.
        params: the parameters of a Sequential.
        cost: the cost of a Sequential.
        argnums: of a function, the arguments to differentiate.
        cotangent: of a function, where its reverse sweep starts; 1 for a real number.
        limit: of a function, equations that are shown at most.

    Raises:
        ArgumentError: the cost is not finite at any parameters, a formula is too long to be read,
            or there is nothing to differentiate.
        GradientError: a line is wrong, or the gradient is not what differences of the cost say.

    Source: M. Nielsen, Neural Networks and Deep Learning, chapter 2, equations BP1 to BP4.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([4, 3, 2], activation=np.tanh)
    >>> for line in cr.insight.derivation(net).lines[-6:]:
    ...     print(line)
    σ′(z^l) = 1 - (a^l)²
    ∂C/∂a^L = a^L - y
    δ^L = (a^L - y) ⊙ (1 - (a^L)²)
    δ^l = (W^(l+1)ᵀ δ^(l+1)) ⊙ (1 - (a^l)²)
    ∂C/∂b^l = δ^l
    ∂C/∂W^l = δ^l a^(l-1)ᵀ
    """
    with users_frames:
        if isinstance(f, (Network, Sequential)):
            stack = stack_of(f, params, cost)
            return network_derivation(stack, _example(stack, args))
        if params is not None or cost is not None:
            raise ArgumentError(
                "params= and cost= belong to networks; the derivation of a function takes its"
                " arguments: cr.insight.derivation(f, *args)"
            )
        return function_derivation(f, *args, argnums=argnums, cotangent=cotangent, limit=limit)


def _example(stack: Stack, args: tuple[Any, ...]) -> tuple[Array, Array] | None:
    """x and y of one example as vectors."""
    if not args:
        return None
    if len(args) != 2:
        raise ArgumentError(
            f"the derivation of a network takes one example, x and y, or none; got {len(args)}"
            " arguments"
        )
    X = as_rows(args[0], stack.sizes[0], np.float64, "x")
    if len(X) != 1:
        raise ArgumentError(f"the derivation is of one example; x has {len(X)} rows, give x[0]")
    y = np.asarray(args[1])
    Y = one_hot_rows(np.atleast_1d(y), 1, stack.sizes[-1], np.dtype(np.float64))
    return X[0], Y[0]
