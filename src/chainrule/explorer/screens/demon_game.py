"""The game of the screen "Demon": lower the cost by moving one weighted input by at most 0.1.

A move is a neuron and a direction. What it brings is compared with the best that any neuron could
bring, and the neuron has a rank by the size of its error: who looks for the largest error and moves
against its sign wins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session
from chainrule.insight.ranks import Ranks

Plain = Any

FAR = 0.1  # how far a move goes
ROUNDS = 5
TRIED = 200  # neurons whose real change is computed, those with the largest errors
SHOWN = 12  # neurons in the ranking


def rounds(session: Session, *, example: str) -> Plain:
    """The examples of a game that begins with one: the test examples that follow it."""
    session.example(example)  # which must be one
    examples = len(session.network.data.test)
    is_drawing = not example.isdigit()
    first = -1 if is_drawing else int(example)
    following = [str((first + i) % examples) for i in range(1, ROUNDS + 1)]
    return {"examples": [example, *following[:-1]], "next": following[-1], "far": FAR}


def guess(session: Session, *, step: int, example: str, layer: int, neuron: int, up: bool) -> Plain:
    """What one move does to the cost, and how good it is among those that there are.

    ``share`` is the decrease of the cost as a share of the largest decrease, 0 if it rises.
    """
    demon, ranks = session.demon(step, example), _ranks(session, step, example)
    found = demon.nudge(layer=layer, neuron=neuron, dz=FAR if up else -FAR)
    real = float(found.real)
    lowest = int(np.nanargmin(ranks.real))
    best = min(float(ranks.real[lowest]), real)
    share = max(0.0, real / best) if best < 0 else float(real <= 0)
    return {
        "real": real,
        "predicted": float(found.predicted),
        "delta": found.delta,
        "cost": found.cost,
        "rank": ranks.rank_of(layer, neuron),
        "of": len(ranks),
        "share": share,
        "best": _row(ranks, lowest),
    }


def ranking(session: Session, *, step: int, example: str) -> Plain:
    """The neurons with the largest errors, and what a move of each brings at its best."""
    ranks = _ranks(session, step, example)
    return {"rows": [_row(ranks, i) for i in range(min(SHOWN, len(ranks)))], "of": len(ranks)}


def _ranks(session: Session, step: int, example: str) -> Ranks:
    return session.demon(step, example).rank(dz=FAR, tried=TRIED)


def _row(ranks: Ranks, i: int) -> Plain:
    return {
        "rank": ranks.rank_of(int(ranks.layer[i]), int(ranks.neuron[i])),
        "layer": int(ranks.layer[i]),
        "neuron": int(ranks.neuron[i]),
        "delta": float(ranks.delta[i]),
        "predicted": float(ranks.predicted[i]),
        "real": float(ranks.real[i]),
    }


QUESTIONS: dict[str, Callable[..., Any]] = {"rounds": rounds, "guess": guess, "ranking": ranking}


def recorded_game(session: Session, moment: Moment, neurons: list[tuple[int, int]]) -> list[Asked]:
    """The questions of a game that begins at a moment, with moves of some neurons."""
    first = moment.more.get("first", moment.example)
    examples: list[str] = rounds(session, example=first)["examples"]
    asked: list[Asked] = [("demon.rounds", {"example": first})]
    for example in examples:
        at = {"step": moment.step, "example": example}
        asked += [
            ("session.example", {"example": example}),
            ("session.record", at),
            ("demon.ranking", at),
        ]
        asked += [
            ("demon.guess", {**at, "layer": n, "neuron": j, "up": up})
            for n, j in neurons
            for up in (False, True)
        ]
    return asked
