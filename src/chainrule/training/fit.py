"""``cr.fit``: train a model by stochastic gradient descent over shuffled mini-batches.

The parts are ``feed.py`` (mini-batches), ``step.py`` (one step as a compiled graph), ``state.py`` (where
training stands), ``journal.py`` (the run folder) and ``metrics.py``; here they are put in order.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from chainrule.compile import Executor
from chainrule.core.errors import ArgumentError, DivergenceError
from chainrule.core.trace import shape_of
from chainrule.core.tree import flatten, map_leaves
from chainrule.data.dataset import Dataset
from chainrule.nn.costs import Cost, cost_named
from chainrule.nn.description import describe_model
from chainrule.nn.layers import Dense, Model, Sequential
from chainrule.nn.network import Network
from chainrule.training.events import Callback, EpochDone, Progress
from chainrule.training.feed import Feed, as_feed, checked_rows, split_of
from chainrule.training.journal import Journal, open_journal
from chainrule.training.metrics import score
from chainrule.training.optimisers import Optimiser
from chainrule.training.state import TrainingState
from chainrule.training.step import training_step

Array = Any
Schedule = Callable[[int], float]
BETWEEN_PROGRESS = 0.1  # seconds


@dataclass(frozen=True)
class FitResult:
    """What training gave: the parameters, one record for each epoch, and the run folder if any."""

    params: Any
    history: list[dict[str, Any]]
    run: Path | None = None


@dataclass(frozen=True)
class Session:
    """What stays the same while a model trains."""

    model: Model
    cost: Cost
    feed: Feed
    step: Callable[..., tuple[Any, Any, Any]]
    eta: float
    schedule: Schedule | None
    epochs: int
    validation: tuple[Array, Array, bool] | None
    callbacks: Sequence[Callback]


def fit(
    model: Model,
    data: Any,
    *,
    cost: str | Cost | Callable[[Array, Array], Array] | None = None,
    optimiser: Optimiser,
    epochs: int,
    batch_size: int = 32,
    validation: Any = None,
    schedule: Schedule | None = None,
    callbacks: Sequence[Callback] = (),
    out: str | Path | None = None,
    resume: bool = False,
    seed: int = 0,
    params: Any = None,
    l2: float = 0.0,
    dtype: Any = None,
    threads: int | None = None,
    executor: Executor = "interpreter",
    config: dict[str, Any] | None = None,
) -> FitResult:
    """Train a model: each epoch goes through all examples once, in a new order, in mini-batches.

    Args:
        model: a :class:`~chainrule.nn.Network` or :class:`~chainrule.nn.Sequential`, or anything with
            their ``init``, ``__call__``, ``weighted_output`` and ``output_activation``. A Network starts
            from its own parameters and holds the trained ones afterwards.
        data: a pair of arrays (X, Y) with Y as class numbers (examples,) or rows (examples, n_out), a
            data set of ``cr.data``, or an iterable of mini-batches (X, Y).
        cost: as for Network, which has one of its own.
        optimiser: ``cr.optim.sgd(eta)``, ``cr.optim.adam(eta)`` ...
        epochs: how many times to go through the data.
        batch_size: examples in a mini-batch.
        validation: held-out examples (X, Y), scored after each epoch; a data set brings its own.
        schedule: ``schedule(epoch)`` is a factor on the learning rate, epochs counting from 1.
        callbacks: called with :class:`~chainrule.training.events.Progress` and ``EpochDone`` events.
        out: a run folder to write config, metrics, checkpoints and the model to.
        resume: go on in ``out`` from its last checkpoint, to the same bits as without a break.
        seed: for the initial parameters and the order of the examples.
        params: parameters to start from.
        l2: lambda of the regularisation term ``(lambda / 2n) sum w^2`` over weights.
        dtype: of the computation; float32 unless the given parameters are float64.
        threads: of the BLAS, None leaves it as it is.
        executor: "interpreter".
        config: further settings to keep in config.toml.

    Returns:
        :class:`FitResult`. A record of the history has ``epoch``, ``cost`` (mean over the epoch's
        mini-batches), ``eta``, ``seconds``, ``examples_per_second``, and with held-out examples
        ``validation_cost`` and ``validation_accuracy`` (``validation_r2`` for regression).

    Raises:
        ArgumentError: a setting is out of its range.
        DataError, ShapeError: the examples do not fit the model; says which and where.
        DivergenceError: the cost became NaN or infinite; names epoch and mini-batch.
        RunError: ``out`` holds a run already, or one with other settings.
        KeyboardInterrupt: after a checkpoint was written.

    >>> import numpy as np, chainrule as cr
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> model = cr.nn.Sequential([cr.nn.Dense(2, 8), cr.nn.tanh, cr.nn.Dense(8, 2)])
    >>> result = cr.fit(model, (X, np.array([0, 1, 1, 0])), cost="log-likelihood",
    ...                 optimiser=cr.optim.adam(0.1), epochs=50, batch_size=4)
    >>> bool(result.history[-1]["cost"] < 0.1)
    True
    """
    if epochs < 0:
        raise ArgumentError(f"epochs must not be negative, got {epochs}")
    if l2 < 0:
        raise ArgumentError(f"l2 must not be negative, got {l2}")
    chosen = _cost_of(model, cost)
    start, kind = _parameters(model, params, seed, dtype)
    n_in, n_out = _sizes(model, start, kind)
    feed, _ = as_feed(data, n_in, n_out, batch_size, seed, kind)
    held_out = _held_out(data, validation, n_in, n_out, kind)
    decay = l2 / feed.examples if l2 and feed.examples else 0.0
    step = training_step(model, chosen, optimiser, decay, executor)
    session = Session(
        model, chosen, feed, step, optimiser.eta, schedule, epochs, held_out, callbacks
    )
    settings = {
        "model": {**describe_model(model), "cost": chosen.name, "dtype": kind.name},
        "training": {
            "optimiser": optimiser.name, "eta": optimiser.eta, **optimiser.settings,
            "epochs": epochs, "batch_size": batch_size, "l2": l2, "seed": seed,
        },
        **(config or {}),
    }  # fmt: skip
    limit = threadpool_limits(threads) if threads is not None else nullcontext()
    with limit, open_journal(out, settings, resume=resume, seed=seed) as journal:
        state = journal.begin(TrainingState(start, optimiser.init(start)))
        state = _train(session, journal, state)
    if isinstance(model, Network):
        model.params = state.params
    return FitResult(state.params, list(state.history), journal.run.path if journal.run else None)


# ---- what was given --------------------------------------------------------------------------------


def _cost_of(model: Model, cost: Any) -> Cost:
    if cost is not None:
        return cost_named(cost)
    if isinstance(model, Network):
        return model.cost
    raise ArgumentError("fit needs cost=, such as 'quadratic' or 'log-likelihood'")


def _parameters(model: Model, params: Any, seed: int, dtype: Any) -> tuple[Any, np.dtype[Any]]:
    given = params
    if given is None and isinstance(model, Network):
        given = model.params
    if given is None:
        kind = np.dtype(dtype or "float32")
        return model.init(seed, kind), kind
    leaves, _ = flatten(given)
    wide = any(np.asarray(x).dtype == np.float64 for x in leaves)
    kind = np.dtype(dtype or ("float64" if wide else "float32"))
    return map_leaves(lambda x: np.array(x, kind), given), kind


def _sizes(model: Model, params: Any, dtype: Any) -> tuple[int, int]:
    """Numbers of inputs and outputs of a model."""
    if isinstance(model, Network):
        return model.sizes[0], model.sizes[-1]
    if isinstance(model, Sequential):
        first = next(layer for layer in model.layers if isinstance(layer, Dense))
        out = model(params, np.zeros((1, first.n_in), dtype))
        return first.n_in, shape_of(out)[-1]
    n_in, n_out = model.n_in, model.n_out  # pyright: ignore
    return int(n_in), int(n_out)


def _held_out(
    data: Any, validation: Any, n_in: int, n_out: int, dtype: Any
) -> tuple[Array, Array, bool] | None:
    if validation is None and isinstance(data, Dataset):
        validation = data.validation
    if validation is None:
        return None
    pair = split_of(validation)
    if pair is None:
        raise ArgumentError("validation must be a pair of arrays (X, Y) or cr.data.Examples")
    return checked_rows(*pair, n_in, n_out, dtype, "validation data")


# ---- the loop --------------------------------------------------------------------------------------


def _train(session: Session, journal: Journal, state: TrainingState) -> TrainingState:
    try:
        while state.epoch <= session.epochs:
            state = _epoch(session, journal, state)
            record = state.history[-1]
            journal.epoch_done(state, last=state.epoch > session.epochs)
            for callback in session.callbacks:
                callback(EpochDone(record["epoch"], session.epochs, record, state.params))
    except _Interrupted as interrupted:
        journal.checkpoint(interrupted.state)
        journal.finish(interrupted.state)
        raise KeyboardInterrupt from None
    journal.finish(state)
    return state


class _Interrupted(Exception):  # noqa: N818 - carries the state to where it is saved
    def __init__(self, state: TrainingState) -> None:
        self.state = state


def _epoch(session: Session, journal: Journal, state: TrainingState) -> TrainingState:
    """Train to the end of the current epoch; the state is replaced whole, so any break is clean."""
    eta = session.eta * (session.schedule(state.epoch) if session.schedule else 1.0)
    began = told = time.monotonic()
    first_seen, seconds = state.seen, state.seconds
    try:
        for X, Y in session.feed.epoch(state.epoch, state.batch):
            cost, params, optimiser = session.step(state.params, state.optimiser, X, Y, eta)
            if not math.isfinite(cost):
                raise _diverged(state, float(cost), journal)
            state = state.stepped(params, optimiser, float(cost), len(X))
            now = time.monotonic()
            if now - told >= BETWEEN_PROGRESS:
                told = now
                rate = (state.seen - first_seen) / max(now - began, 1e-9)
                _tell(session, state, rate)
                journal.step_done(_timed(state, seconds + now - began))
    except KeyboardInterrupt:
        raise _Interrupted(_timed(state, seconds + time.monotonic() - began)) from None
    state = _timed(state, seconds + time.monotonic() - began)
    return state.next_epoch(_record(session, state, eta))


def _timed(state: TrainingState, seconds: float) -> TrainingState:
    """The state with the time that its epoch has taken so far."""
    return replace(state, seconds=seconds)


def _tell(session: Session, state: TrainingState, rate: float) -> None:
    mean = state.cost_sum / max(state.seen, 1)
    event = Progress(
        state.epoch, session.epochs, state.batch, session.feed.batches, mean, rate
    )
    for callback in session.callbacks:
        callback(event)


def _record(session: Session, state: TrainingState, eta: float) -> dict[str, Any]:
    record: dict[str, Any] = {
        "epoch": state.epoch,
        "cost": state.cost_sum / max(state.seen, 1),
        "eta": eta,
        "seconds": round(state.seconds, 4),
        "examples_per_second": round(state.seen / max(state.seconds, 1e-9), 1),
    }
    if session.validation is not None:
        X, Y, classes = session.validation
        found = score(session.model, session.cost, state.params, X, Y, classes=classes)
        record |= {f"validation_{name}": value for name, value in found.items()}
    return record


def _diverged(state: TrainingState, cost: float, journal: Journal) -> DivergenceError:
    kept = ""
    if journal.run is not None:
        kept = f"; the last good checkpoint is in {journal.run.checkpoint_folder}"
    return DivergenceError(
        f"the cost became {cost} in epoch {state.epoch}, mini-batch {state.batch + 1}; try a smaller"
        f" learning rate{kept}"
    )
