"""A run, a model with data, or a record, as the case that rules look at."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tree import map_leaves
from chainrule.data.dataset import Dataset
from chainrule.files.runs import RunFolder
from chainrule.insight.diagnosis.case import Case, Descent
from chainrule.insight.diagnosis.words import count
from chainrule.insight.error_flow import errors_at
from chainrule.insight.subject import Subject as Given
from chainrule.insight.subject import subject_of
from chainrule.nn.examples import stack_examples
from chainrule.nn.record import Record
from chainrule.nn.stack import Stack, stack_of
from chainrule.training.optim import Optimiser, adam
from chainrule.training.rows import Rows, outputs_of, pair_of, rows_of
from chainrule.training.trained import Trained, load_trained

Array = Any


@dataclass(frozen=True)
class Subject:
    """A case, what it is and on what it rests."""

    case: Case
    name: str
    looked_at: str


@dataclass(frozen=True)
class Sampling:
    """How many examples are looked at, drawn by which seed."""

    examples: int
    seed: int


# ---- a record ------------------------------------------------------------------------------------


def of_record(record: Record, sampling: Sampling) -> Subject:
    """All that a record holds."""
    n = len(record.cost)
    case = Case(
        record.a, record.delta, np.asarray(record.cost), n, record.delta_a, seed=sampling.seed
    )
    return Subject(case, f"a record of {count(n, 'example')}", "all of them, as one mini-batch")


# ---- a model with data ---------------------------------------------------------------------------


def of_model(
    given: Given,
    data: Any,
    descent: Descent | None,
    batch_size: int | None,
    sampling: Sampling,
    history: Sequence[Mapping[str, Any]] = (),
) -> Subject:
    """A network on examples, with the history of its training if it is known."""
    stack = _in_double(stack_of(given.model, given.params, given.cost))
    train, held_out = _rows(given, data, stack)
    size = min(batch_size or 32, len(train.X))
    case, looked_at = _sampled(stack, train, sampling, size)
    case = replace(case, held_out=held_out, descent=descent, history=tuple(history))
    return Subject(case, _named(stack, descent, batch_size), f"{looked_at} examples")


def _rows(given: Given, data: Any, stack: Stack) -> tuple[Rows, Rows | None]:
    outputs = outputs_of(given.model, given.cost, given.params)
    kind = np.dtype(np.float64)
    if isinstance(data, Dataset):
        held_out = data.validation.X, data.validation.Y
        train = rows_of((data.train.X, data.train.Y), outputs, kind, "data")
        return train, rows_of(held_out, outputs, kind, "validation data")
    pair = pair_of(data)
    if pair is None:  # the book's list of pairs (x, y)
        pair = stack_examples(data, stack.sizes[0], stack.sizes[-1], kind)
    return rows_of(pair, outputs, kind, "data"), None


# ---- a run ---------------------------------------------------------------------------------------


def of_run(
    path: str | Path,
    data: Any,
    descent: Descent | None,
    batch_size: int | None,
    sampling: Sampling,
) -> Subject:
    """A run folder: model, data, learning rate and history as they are written there."""
    trained = load_trained(path, untrained=True)
    cost = trained.cost
    stack = _in_double(stack_of(trained.model, trained.params, cost))
    if data is None:
        train, held_out, classes = _data_of(trained)
    else:
        train, held_out = _rows(subject_of(trained), data, stack)
        known = trained.data.classes if "data" in trained.config else ()
        classes = data.classes if isinstance(data, Dataset) else known
    settings: Mapping[str, Any] = trained.config["training"]
    history = tuple(RunFolder.open(path).read_metrics())
    descent = descent or _descent(trained, settings, history)
    size = min(batch_size or int(settings.get("batch_size", 32)), len(train.X))
    case, looked_at = _sampled(stack, train, sampling, size)
    start = trained.start
    case = replace(
        case, held_out=held_out, descent=descent, history=history, classes=classes,
        decay=float(settings.get("l2", 0.0)) / len(train.X),
        start=None if start is None else _in_double(stack_of(trained.model, start, cost)),
    )  # fmt: skip
    looked_at = f"{looked_at} training examples, {count(len(history), 'epoch')} of history"
    if not trained.complete:
        looked_at += "; training is not finished"
    return Subject(case, f"{path}: {_named(stack, descent, size)}", looked_at)


def _data_of(trained: Trained) -> tuple[Rows, Rows, tuple[str, ...]]:
    description, data = trained.data, trained.dataset()
    outputs = outputs_of(trained.model, trained.cost, trained.params)
    train, held_out = (
        rows_of((x.X, description.scaled_targets(x.Y, trained.dtype)), outputs, trained.dtype, what)
        for x, what in ((data.train, "train"), (data.validation, "validation"))
    )
    return train, held_out, data.classes


def _descent(trained: Trained, settings: Mapping[str, Any], history: Any) -> Descent:
    """The optimiser of a run, at the learning rate of its last epoch."""
    eta = float(history[-1]["eta"]) if history else float(settings["eta"])
    names = ("momentum", "beta1", "beta2", "epsilon")
    own = {name: float(settings[name]) for name in names if name in settings}
    name = str(settings["optimiser"])
    return Descent(name, eta, own, _adam_scale(trained, own) if name == "adam" else None)


def _adam_scale(trained: Trained, settings: Mapping[str, float]) -> Any:
    """``P^(-1/2)``, by which Adam's moments scale the Hessian (Cohen et al. 2022, equation 2)."""
    like = adam(1.0, **settings).init(trained.params)
    state = trained.optimiser_state(like)
    if state is None or not state["steps"]:
        return None
    steps = float(state["steps"])
    rise, spread = 1 - settings["beta1"] ** steps, 1 - settings["beta2"] ** steps

    def scale(v: Array) -> Array:
        root = np.sqrt(np.asarray(v, np.float64) / spread) + settings["epsilon"]
        return 1 / np.sqrt(rise * root)

    stack = stack_of(trained.model, map_leaves(scale, state["second"]), trained.cost)
    return stack.weights, stack.biases


# ---- what all have in common ---------------------------------------------------------------------


def descent_of(eta: float | None, optimiser: Optimiser | None) -> Descent | None:
    """What the caller says of the learning rate."""
    if eta is not None and not (eta > 0 and np.isfinite(eta)):
        raise ArgumentError(f"diagnose: eta must be a positive number, got {eta}")
    if optimiser is None:
        return None if eta is None else Descent("sgd", float(eta))
    return Descent(optimiser.name, float(eta or optimiser.eta), optimiser.settings)


def _sampled(stack: Stack, train: Rows, sampling: Sampling, size: int) -> tuple[Case, str]:
    """The case of a sample of the examples, and how many they are."""
    n = len(train.X)
    chosen = np.arange(n)
    if n > sampling.examples:
        rng = np.random.default_rng(sampling.seed)
        chosen = np.sort(rng.choice(n, sampling.examples, replace=False))
    X, Y = (np.asarray(x[chosen], np.float64) for x in (train.X, train.Y))
    a, delta = errors_at(stack, X, Y)
    with np.errstate(all="ignore"):
        costs = stack.forward(X, Y).costs
    looked_at = f"{len(chosen):,} of {n:,}" if len(chosen) < n else f"all {n:,}"
    return Case(
        a, delta, costs, size, stack=stack, X=X, Y=Y, indices=chosen, train=train,
        seed=sampling.seed,
    ), looked_at  # fmt: skip


def _in_double(stack: Stack) -> Stack:
    def wide(parts: dict[int, Array]) -> dict[int, Array]:
        return {n: np.asarray(x, np.float64) for n, x in parts.items()}

    return replace(stack, weights=wide(stack.weights), biases=wide(stack.biases))


def _named(stack: Stack, descent: Descent | None, batch_size: int | None) -> str:
    names = itertools.groupby(f.__name__ for f in stack.activations.values())
    counted = [(name, len(list(same))) for name, same in names]
    layers = ", ".join(
        name if n == 1 or len(counted) == 1 else f"{n} {name}" for name, n in counted
    )
    parts = [f"{stack.sizes} {layers}, cost {stack.cost.name}"]
    if descent is not None:
        parts.append(f"{descent.name} with eta {descent.eta:g}")
    if batch_size is not None:
        parts.append(f"mini-batches of {batch_size}")
    return "; ".join(parts)
