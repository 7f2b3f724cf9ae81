"""The training screen: training in the page, and what each step does.

What changes training returns at once with where it stands; what came of it is told by the event
"training". Each may be asked at any time, twice, and from several pages.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.explorer.learning.curves import columns
from chainrule.explorer.learning.measures import measured, sample_of, score_name
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import initial_params, initialiser_name
from chainrule.insight.diagnosis.case import PART
from chainrule.insight.error_flow import errors_at
from chainrule.insight.example_gradients import gradients_of
from chainrule.nn.initialisers import INITIALISERS
from chainrule.nn.stack import stack_of

Plain = Any
SHOWN = 200  # examples of a mini-batch
LARGEST_BATCH = 10_000
LARGEST_SEED = 2**32 - 1  # that the book's generator takes


# ---- what changes training -----------------------------------------------------------------------


def start(session: Session) -> Plain:
    """Train until somebody pauses."""
    session.trainer.start()
    return session.trainer.facts


def pause(session: Session) -> Plain:
    """Stop between two steps."""
    session.trainer.pause()
    return session.trainer.facts


def step(session: Session) -> Plain:
    """Train on one mini-batch, and pause."""
    session.trainer.step()
    return session.trainer.facts


def epoch(session: Session) -> Plain:
    """Train to the end of the epoch, and pause."""
    session.trainer.epochs()
    return session.trainer.facts


def rewind(session: Session, *, step: int) -> Plain:
    """Go to a step that was reached before, and pause."""
    steps = session.timeline.steps
    if not steps[0] <= step <= steps[-1]:
        raise ArgumentError(
            f"cannot go to step {step:,}: training can go back to steps {steps[0]:,} to"
            f" {steps[-1]:,}"
        )
    session.trainer.rewind(step)
    return session.trainer.facts


def eta(session: Session, *, eta: float) -> Plain:
    """Take the steps to come with another learning rate."""
    session.trainer.set_eta(_rate(eta))
    return session.trainer.facts


def restart(
    session: Session, *, seed: int, init: str, batch_size: int, eta: float | None = None
) -> Plain:
    """Begin anew: ``seed`` draws the parameters by ``init``, and orders the examples.

    The learning rate stays as it is unless another is given.
    """
    network, most = session.network, min(LARGEST_BATCH, len(session.network.data.train))
    if not 0 <= seed <= LARGEST_SEED:
        raise ArgumentError(f"a seed is an integer from 0 to {LARGEST_SEED:,}, not {seed:,}")
    if init not in INITIALISERS:
        raise ArgumentError(f"initial weights are one of {', '.join(INITIALISERS)}, not {init!r}")
    if not 1 <= batch_size <= most:
        raise ArgumentError(f"a mini-batch has from 1 to {most:,} examples, not {batch_size:,}")
    session.trainer.restart(
        initial_params(network.model, init, seed, session.stack(session.timeline.last).dtype),
        seed=seed,
        batch_size=batch_size,
        **({} if eta is None else {"eta": _rate(eta)}),
    )
    return session.trainer.facts


def _rate(eta: float) -> float:
    if not 0 < eta < np.finfo(np.float32).max:
        raise ArgumentError(f"the learning rate η is a positive number, not {eta}")
    return eta


# ---- what training shows -------------------------------------------------------------------------


def history(session: Session) -> Plain:
    """Where training stands, how it came there, and what the numbers mean."""
    # First: a report that comes meanwhile may be in the points, and none of these is missing there
    facts = session.trainer.facts
    progress = session.trainer.progress
    points, course = progress.curves.points or [progress.view()], progress.course
    sample = len(sample_of(course.ready).X)
    held_out = course.ready.validation
    return {
        **facts,
        "points": columns(points),
        "ends": [end.plain() for end in progress.curves.ends],
        "score": score_name(course.ready),
        "inits": list(INITIALISERS),
        "init": initialiser_name(course.network.model),
        "largest_batch": min(LARGEST_BATCH, course.feed.examples),
        "held_out": 0 if held_out is None else len(held_out.X),
        "sample": sample,
        "saturated_below": PART,
    }


def layers(session: Session, *, step: int, eta: float | None = None) -> Plain:
    """What the step after ``step`` does in each layer; ``eta`` unless as it was taken."""
    progress = session.trainer.progress
    state = session.timeline.state(step)
    rate = progress.etas.at(step) if eta is None else _rate(eta)
    found = measured(progress.course, state, rate)
    return {**asdict(found), "epoch": state.epoch, "batch": state.batch, "eta": rate}


def batch(session: Session, *, step: int) -> Plain:
    """Each example of the mini-batch after ``step``: its gradient against the mean of all.

    Sorted by the cosine, those that pull against the mean first; of a large mini-batch the ends.
    """
    network, course = session.network, session.trainer.progress.course
    state = session.timeline.state(step)
    numbers, X, Y = course.mini_batch(state)
    stack = stack_of(network.model, state.params, network.cost)
    a, delta = errors_at(stack, X, Y)
    found = gradients_of(a, delta)
    order = np.argsort(found.cosines, kind="stable")
    if len(order) > SHOWN:
        order = np.concatenate([order[: SHOWN // 2], order[-SHOWN // 2 :]])
    with np.errstate(all="ignore"):
        z, a = stack.activate(X)
        costs = stack.costs(z[stack.depth], a[stack.depth], Y)
    labels = np.argmax(Y, axis=1) if network.data.classes else None
    return {
        "epoch": state.epoch,
        "batch": state.batch,
        "size": len(X),
        "against": int(np.sum(found.cosines < 0)),
        "mean_norm": found.mean_norm,
        "numbers": numbers[order].tolist(),
        "labels": None if labels is None else labels[order].tolist(),
        "x": X[order],
        "costs": costs[order],
        "norms": found.norms[order],
        "cosines": found.cosines[order],
        "dots": found.norms[order] * found.cosines[order] * found.mean_norm,
        "shares": found.shares[order],
    }


QUESTIONS = {
    "start": start,
    "pause": pause,
    "step": step,
    "epoch": epoch,
    "rewind": rewind,
    "eta": eta,
    "restart": restart,
    "history": history,
    "layers": layers,
    "batch": batch,
}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that this screen asks at a moment."""
    return [
        ("train.history", {}),
        ("train.layers", {"step": moment.step}),
        ("train.batch", {"step": moment.step}),
    ]
