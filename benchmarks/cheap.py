"""The cheap gradient principle: what a gradient costs beside its function.

The time of value and gradient over the time of the function alone, both compiled, for the functions
of the other benchmarks; the theory allows a small constant (Griewank and Walther, 2008, chapter 4:
at most 4 to 5 times the operations).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import ba, gmm, llsq, lstm, mlp, ode
from benchmarks.work import OURS, Contender, Size, Task, Work


def _network(size: Size) -> Any:
    X, Y, _, layers = mlp.data(size)
    batch = size["batch"]

    def cost(layers: Any, x: Any, y: Any) -> Any:
        for w, b in layers[:-1]:
            x = np.maximum(x @ w.T + b, 0)
        w, b = layers[-1]
        z = x @ w.T + b
        top = np.max(z, axis=1, keepdims=True)
        logs = z - top - np.log(np.sum(np.exp(z - top), axis=1, keepdims=True))
        return -np.sum(y * logs) / batch

    return cost, (layers, X[:batch], Y[:batch]), 0


def _observations(size: Size) -> Any:
    parameters, measured = ba.data(size)

    def total(columns: Any, mx: Any, my: Any) -> Any:
        ex, ey = ba.residuals(np, columns, mx, my)
        return np.sum(ex * ex) + np.sum(ey * ey)

    return total, (list(parameters.T.copy()), *measured.T.copy()), 0


def _function(size: Size) -> Any:
    """Function, arguments, and what to differentiate in."""
    work = size["of"]
    if work.startswith("mlp"):
        return _network({"mlp-mid": mlp.MID, "mlp-big": mlp.BIG}[work].sizes[0])
    if work == "ba":
        return _observations(ba.WORK.sizes[0])
    module, wrt = {"gmm": (gmm, (0, 1, 2)), "ode": (ode, 0), "llsq": (llsq, 0),
                   "lstm": (lstm, (0, 1))}[work]  # fmt: skip
    return module.f, module.data(module.WORK.sizes[size.get("size", 0)]), wrt


def gradient(size: Size, threads: int) -> Task:
    """Value and gradient."""
    import chainrule as cr
    from chainrule.core.tree import flatten

    f, args, wrt = _function(size)
    both = cr.compile(cr.value_and_grad(f, wrt))
    return Task(lambda: flatten(both(*args)[0])[0])


def value(size: Size, threads: int) -> Task:
    """The function alone."""
    import chainrule as cr

    f, args, _ = _function(size)
    compiled = cr.compile(f)
    return Task(lambda: [compiled(*args)])


WORK = Work(
    name="cheap-gradient",
    what="value and gradient beside the function alone",
    sizes=[
        {"of": "mlp-mid"}, {"of": "mlp-big"}, {"of": "gmm", "size": 3}, {"of": "gmm", "size": 5},
        {"of": "ode", "size": 1}, {"of": "llsq", "size": 1}, {"of": "lstm"}, {"of": "ba"},
    ],
    contenders={OURS: Contender(gradient), "function": Contender(value)},
    tolerance=1e-5,
    at_least={"function": 1 / 3},
    small={"of": "llsq"},
)  # fmt: skip
