"""What the screen "Graph" asks: the picture of a function, and the rule at each of its nodes.

A question names the function ("" for the first, ``@network`` for the cost of the network at the
training step and example), the arguments that were changed, and what is differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.drawing.short import short
from chainrule.explorer.functions.arguments import is_editable
from chainrule.explorer.functions.network_cost import NETWORK
from chainrule.explorer.functions.picture import Picture
from chainrule.explorer.functions.rules import Rules
from chainrule.explorer.functions.source_lines import problem_of, source_of
from chainrule.explorer.functions.sweeping import Stop
from chainrule.explorer.functions.traced import Traced
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session
from chainrule.insight.derivations.edges import applied
from chainrule.insight.notation.text import text

Plain = Any
LONGEST = 60  # characters of what is said of a position
MOST_RECORDED = 200  # rules and variables that a saved file has


def picture(
    session: Session,
    *,
    function: str,
    inputs: str = "",
    of: str = "",
    open: list[str],
    step: int = 0,
    example: str = "",
) -> Plain:
    """The graph as it is drawn with some groups open, its source, its arguments, its positions.

    What goes wrong in the user's function is an answer, too: ``problem``, with its line.
    """
    subject = session.function(function, step, example)
    try:
        traced = session.traced(function, inputs, of, step, example)
    except Exception as error:  # whatever a user's function may raise
        if isinstance(error, ArgumentError) and inputs:
            raise
        return problem_of(subject, error)
    drawn = Picture(traced, open)
    return {
        "problem": "",
        "function": subject.name,
        "of": {"key": traced.of.key, "text": traced.of.text, "latex": traced.of.latex},
        "choices": [{"key": c.key, "text": c.text} for c in traced.choices],
        "arguments": _arguments(traced),
        "nodes": drawn.nodes(),
        "edges": drawn.edges(),
        "groups": [
            {"key": g.key, "label": g.label, "group": g.group, "times": g.times}
            for g in drawn.view.groups
        ],
        "all_groups": [g.key for g in traced.view.groups],
        "equations": len(traced.graph.equations),
        "stops": [_stop(traced, stop, drawn) for stop in drawn.stops()],
        "source": source_of(traced, drawn),
    }


def rule(
    session: Session,
    *,
    function: str,
    inputs: str = "",
    of: str = "",
    step: int = 0,
    example: str = "",
    equation: int,
) -> Plain:
    """The rule of one equation, forwards and backwards."""
    traced = session.traced(function, inputs, of, step, example)
    if not 0 <= equation < len(traced.graph.equations):
        raise ArgumentError(
            f"there are {len(traced.graph.equations):,} equations, numbered from 0; not {equation}"
        )
    return Rules(traced).of(equation)


def variable(
    session: Session,
    *,
    function: str,
    inputs: str = "",
    of: str = "",
    step: int = 0,
    example: str = "",
    name: str,
) -> Plain:
    """All numbers of one variable, or of an array that stands in the graph."""
    traced = session.traced(function, inputs, of, step, example)
    found = next((x for x, symbol in traced.symbols.items() if symbol.text == name), None)
    if found is None:
        raise ArgumentError(f"{traced.subject.name} has no variable {name!r} with these arguments")
    return Rules(traced).variable(found)


QUESTIONS = {"picture": picture, "rule": rule, "variable": variable}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that the screen asks at a moment."""
    more = moment.more
    function = more.get("function", "")
    asked: dict[str, Any] = {
        "function": function, "inputs": more.get("inputs", ""), "of": more.get("of", ""),
    }  # fmt: skip
    if function == NETWORK:
        asked |= {"step": moment.step, "example": moment.example}
    open = [key for key in more.get("open", "").split(",") if key]
    found: list[Asked] = [("session.functions", {}), ("graph.picture", {**asked, "open": open})]
    try:
        traced = session.traced(
            function, asked["inputs"], asked["of"], asked.get("step", 0), asked.get("example", "")
        )
    except Exception:  # the picture says what went wrong
        return found
    drawn = Picture(traced, open)
    shown = [n for box in drawn.inside.values() if len(box) == 1 for n in box][:MOST_RECORDED]
    found += [("graph.rule", {**asked, "equation": n}) for n in shown]
    names = list(dict.fromkeys(edge["variable"] for edge in drawn.edges()))
    known = {symbol.text for symbol in traced.symbols.values()}
    kept = [name for name in names if name in known][:MOST_RECORDED]
    return found + [("graph.variable", {**asked, "name": name}) for name in kept]


def _arguments(traced: Traced) -> list[Plain]:
    """The arguments, with the numbers of those that can be changed on the page."""
    found: list[Plain] = []
    for name, v in zip(traced.prepared.names, traced.graph.inputs, strict=True):
        value = traced.value(v)
        editable = is_editable(value) and not set(name) & {";", "="}
        found.append({
            "name": name,
            "variable": traced.symbols[v].text,
            "type": str(v.type),
            "short": short(value),
            "numbers": np.ravel(value).astype(float).tolist() if editable else [],
        })  # fmt: skip
    return found


def _stop(traced: Traced, stop: Stop, drawn: Picture) -> Plain:
    single = len(drawn.inside.get(stop.box, ())) == 1
    return {
        "at": stop.at, "phase": stop.phase, "box": stop.box, "count": stop.count,
        "equation": stop.equation if single else -1,
        "label": _cut(_label(traced, stop, "" if single else drawn.title(stop.box))),
    }  # fmt: skip


def _label(traced: Traced, stop: Stop, group: str) -> str:
    """What happens at a position, in one line; ``group`` is the title of a folded group."""
    if stop.phase == "given":
        inputs = traced.graph.inputs
        given = [f"{traced.symbols[v].text} = {short(traced.value(v))}" for v in inputs]
        return f"given: {', '.join(given)}"
    if stop.phase == "seed":
        return f"seed: ∂{traced.of.text}/∂{traced.of.text} = 1"
    if group:
        return f"{stop.phase}: {group}, {stop.count:,} operation{'s' if stop.count != 1 else ''}"
    e = traced.graph.equations[stop.equation]
    try:
        right = text(applied(e, traced.symbols)[0])
    except ChainruleError:  # too long to be read
        right = e.primitive.name
    left = ", ".join(traced.symbols[v].text for v in e.outputs)
    return f"{stop.phase}: {left} = {right}"


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
