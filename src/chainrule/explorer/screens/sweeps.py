"""What the screen "Forward and reverse" asks: both sweeps, what they cost, and the paths.

Functions are named as on the screen "Graph": one of the session's, ``@network`` for the cost of
the network at the training step and example, or one of ``functions/presets.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.explorer.functions.lockstep_answer import lockstep_answer
from chainrule.explorer.functions.network_cost import NETWORK
from chainrule.explorer.functions.paths_answer import paths_answer
from chainrule.explorer.functions.presets import PRESETS
from chainrule.explorer.functions.sweep_times import Measured, measure, small_network
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session

Plain = Any
SIZES = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
BUDGET = 0.02  # seconds for each way, of each point of the curve
BUDGET_OF_ONE = 0.1  # seconds for each way, of one function


def functions(session: Session) -> Plain:
    """The functions that can be chosen: the user's, the network's cost, and what the page has."""
    own = [{"name": name, "says": ""} for name in session.functions]
    network = {"name": NETWORK, "says": "the network's cost of one example"}
    presets = [{"name": name, "says": says} for name, says in PRESETS.items()]
    return {"functions": [*own, network, *presets]}


def lockstep(
    session: Session,
    *,
    function: str,
    inputs: str = "",
    start: int = -1,
    end: int = 0,
    step: int = 0,
    example: str = "",
) -> Plain:
    """Forward mode from one input and reverse mode from one output, node by node."""
    with np.errstate(all="ignore"):  # what is not finite is shown as such
        return lockstep_answer(session.traced(function, inputs, "", step, example), start, end)


def paths(
    session: Session,
    *,
    function: str,
    inputs: str = "",
    start: int = -1,
    end: int = -1,
    step: int = 0,
    example: str = "",
) -> Plain:
    """The derivative of one number of the graph in another as a sum over paths."""
    with np.errstate(all="ignore"):
        return paths_answer(session.traced(function, inputs, "", step, example), start, end)


def times(
    session: Session,
    *,
    function: str,
    inputs: str = "",
    step: int = 0,
    example: str = "",
    run: int = 0,
) -> Plain:
    """How long all derivatives of a function take, measured now; ``run`` asks for it once more."""
    del run  # a page keeps answers: another number is another question
    traced = session.traced(function, inputs, "", step, example)
    args = [np.asarray(x) for x in traced.prepared.leaves]
    if function == NETWORK:
        args = [x.astype(np.float64) for x in args]  # float32 has no digits for differences
    with session.measuring, np.errstate(all="ignore"):
        return _measured(measure(traced.prepared.of_leaves, args, BUDGET_OF_ONE))


def curve(session: Session, *, outputs: int, run: int = 0) -> Plain:
    """The same for a small network with any number of inputs, and so many outputs."""
    del run
    if outputs not in SIZES:
        raise ArgumentError(f"outputs must be one of {', '.join(map(str, SIZES))}; not {outputs}")
    points: list[Plain] = []
    with session.measuring:
        for n in SIZES:
            f, x = small_network(n, outputs)
            points.append(_measured(measure(f, [x], BUDGET)))
    return {"sizes": SIZES, "points": points}


def _measured(found: Measured) -> Plain:
    return {
        "inputs": found.inputs,
        "outputs": found.outputs,
        "error": found.error,
        "difference_error": found.difference_error,
        "ways": {
            t.way: {
                "sweeps": t.sweeps,
                "measured": t.measured,
                "runs": t.runs,
                "milliseconds": t.milliseconds,
                "each": t.each,
            }
            for t in found.timings
        },
    }


QUESTIONS = {
    "functions": functions,
    "lockstep": lockstep,
    "paths": paths,
    "times": times,
    "curve": curve,
}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that the screen asks at a moment."""
    more = moment.more
    function = more.get("function", "")
    of: dict[str, Any] = {"function": function, "inputs": more.get("inputs", "")}
    if function == NETWORK:
        of |= {"step": moment.step, "example": moment.example}
    network = {"function": NETWORK, "inputs": "", "step": moment.step, "example": moment.example}
    outputs = _number(more, "m", 1)
    return [
        ("sweeps.functions", {}),
        (
            "sweeps.lockstep",
            {**of, "start": _number(more, "seed", -1), "end": _number(more, "end", 0)},
        ),
        (
            "sweeps.paths",
            {**of, "start": _number(more, "path-from", -1), "end": _number(more, "path-to", -1)},
        ),
        ("sweeps.times", {**of, "run": 0}),
        ("sweeps.times", {**network, "run": 0}),
        ("sweeps.curve", {"outputs": outputs if outputs in SIZES else 1, "run": 0}),
    ]


def _number(more: dict[str, str], name: str, otherwise: int) -> int:
    text = more.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
