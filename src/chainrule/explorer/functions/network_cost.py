"""The cost of a network as a plain function of its parameters, so that its graph can be shown.

Rests on ``written.py``; the lines are written for the layers that the network has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.explorer.functions.written import written
from chainrule.explorer.subjects import FunctionSubject, NetworkSubject
from chainrule.nn.costs import Cost
from chainrule.nn.display import name_of
from chainrule.nn.stack import Stack, stack_of

Array = Any
NETWORK = "@network"
"""What the page calls this function, among the names of others."""


def cost_of_network(
    network: NetworkSubject, params: Any, x: Array, y: Array, name: str = NETWORK
) -> FunctionSubject:
    """The cost of one example as a function of weights and biases, written in plain NumPy.

    Args:
        network: whose model and cost they are.
        params: its parameters.
        x: the example, (1, n_in).
        y: its target, (1, n_out).
        name: what the function is called on the page.
    """
    stack = stack_of(network.model, params, network.cost)
    file = f"{network.name}.py"
    text, names = cost_text(stack)
    arrays = {"x": stack.prepare(x)[0], "y": y[0], **names}
    given = [z for n in stack.weights for z in (stack.weights[n], stack.biases[n])]
    return FunctionSubject(name, written(text, file, arrays), tuple(given), file)


def cost_text(stack: Stack) -> tuple[str, dict[str, Any]]:
    """The lines of a network's cost, and the functions that they call.

    >>> from chainrule.nn.network import Network
    >>> print(cost_text(stack_of(Network([3, 2, 1])))[0])
    def cost(W1, b1, W2, b2):
        z1 = W1 @ x + b1
        a1 = sigmoid(z1)
        z2 = W2 @ a1 + b2
        a2 = sigmoid(z2)
        C = quadratic(a2, y)
        return C
    <BLANKLINE>
    """
    names: dict[str, Any] = {}
    lines: list[str] = []
    a, last = "x", stack.depth
    for n, activation in stack.activations.items():
        lines.append(f"z{n} = W{n} @ {a} + b{n}")
        if n == last and stack.is_fused:
            break
        lines.append(f"a{n} = {_entered(name_of(activation), activation, names)}(z{n})")
        a = f"a{n}"
    cost = f"{_entered(stack.cost.name, _function_of(stack.cost, stack.is_fused), names)}"
    lines += [f"C = {cost}({f'z{last}' if stack.is_fused else a}, y)", "return C"]
    parameters = ", ".join(f"W{n}, b{n}" for n in stack.weights)
    return "\n    ".join([f"def cost({parameters}):", *lines]) + "\n", names


def _function_of(cost: Cost, fused: bool) -> Callable[[Array, Array], Array]:
    if fused and cost.of_weighted_input is not None:
        return cost.of_weighted_input
    return cost.of_activation


def _entered(name: str, f: Callable[..., Any], names: dict[str, Any]) -> str:
    """The name under which a function is called in the text; other functions have others."""
    plain = "".join(c if c.isalnum() else "_" for c in name)
    plain = plain if plain.isidentifier() else "f"
    free = next(
        n for n in (plain, *(f"{plain}_{i}" for i in range(2, 999))) if names.get(n, f) is f
    )
    names[free] = f
    return free
