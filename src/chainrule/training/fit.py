"""``cr.fit``: train a model by stochastic gradient descent over shuffled mini-batches.

Here the parts are put together, each of which has its own file: ``rows.py`` checks examples,
``feed.py`` makes mini-batches of them, ``step.py`` is one step as a compiled graph, ``loop.py``
repeats it, ``state.py`` says where training stands, ``journal.py`` keeps the run folder.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from chainrule.compile import Executor
from chainrule.core.errors import ArgumentError
from chainrule.core.tree import flatten, map_leaves
from chainrule.data.dataset import Dataset
from chainrule.nn.costs import Cost, cost_named
from chainrule.nn.layers import Model
from chainrule.nn.network import Network
from chainrule.training.advance import advancing
from chainrule.training.events import Callback
from chainrule.training.feed import Feed, feed_of
from chainrule.training.interrupt import noted_interrupts
from chainrule.training.journal import open_journal
from chainrule.training.loop import Schedule, Training, train
from chainrule.training.optim import Optimiser
from chainrule.training.result import FitResult
from chainrule.training.rows import Rows, outputs_of, pair_of, rows_of
from chainrule.training.settings import settings_of
from chainrule.training.state import TrainingState
from chainrule.training.step import training_step

Array = Any
DType = np.dtype[Any]


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
    deterministic: bool = False,
    executor: Executor = "native",
    config: dict[str, Any] | None = None,
) -> FitResult:
    """Train a model: each epoch goes through all examples once, in a new order, in mini-batches.

    Args:
        model: a :class:`~chainrule.nn.Network` or :class:`~chainrule.nn.Sequential`, or anything
            with their ``init``, ``__call__``, ``weighted_output`` and ``output_activation``. A
            Network starts from its own parameters and holds the trained ones afterwards.
        data: a pair of arrays (X, Y) with Y as class numbers (examples,) or rows (examples, n_out),
            a data set of ``cr.data``, or an iterable of mini-batches, which are tuples (X, Y).
        cost: as for Network, which has one of its own.
        optimiser: ``cr.optim.sgd(eta)``, ``cr.optim.adam(eta)`` ...
        epochs: how many times to go through the data.
        batch_size: examples in a mini-batch.
        validation: held-out examples (X, Y), scored after each epoch; a data set brings its own.
        schedule: ``schedule(epoch)`` is a factor on the learning rate, epochs counting from 1.
        callbacks: called with the events of ``chainrule.training.events``. One that raises
            KeyboardInterrupt stops training as Ctrl-C does.
        out: a run folder to write config, metrics, checkpoints and the model to.
        resume: go on in ``out`` from its last checkpoint, to the same bits as without a break.
        seed: for the initial parameters and the order of the examples.
        params: parameters to start from.
        l2: lambda of the regularisation term ``(lambda / 2n) sum w^2`` over weights.
        dtype: of the computation; float32 unless the given parameters are float64.
        threads: how many share the work of a step; None takes as many as it is worth.
        deterministic: the same bits for any number of threads, on one kind of CPU; a little slower.
        executor: "native" makes machine code of the step and loops over it without Python, which
            takes some seconds the first time; "interpreter" calls NumPy for each equation.
        config: further sections to keep in config.toml.

    Returns:
        :class:`FitResult`. A record of the history has ``epoch``, ``cost`` (mean over the epoch's
        mini-batches), ``eta``, ``seconds``, ``examples_per_second``, and with held-out examples
        ``validation_cost`` and ``validation_accuracy`` (``validation_r2`` for regression).

    Raises:
        ArgumentError: a setting is out of its range.
        DataError, ShapeError: the examples do not fit the model; says which and where.
        DivergenceError: the cost became NaN or infinite; names epoch and mini-batch.
        RunError: ``out`` holds a run already, or one with other settings.
        KeyboardInterrupt: Ctrl-C. The step was completed and a checkpoint written before.

    >>> import numpy as np, chainrule as cr
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> model = cr.nn.Sequential([cr.nn.Dense(2, 8), cr.nn.tanh, cr.nn.Dense(8, 2)])
    >>> result = cr.fit(model, (X, np.array([0, 1, 1, 0])), cost="log-likelihood",
    ...                 optimiser=cr.optim.adam(0.1), epochs=50, batch_size=4)
    >>> bool(result.history[-1]["cost"] < 0.1)
    True
    """
    epochs, batch_size = _whole("epochs", epochs, 0), _whole("batch_size", batch_size, 1)
    seed = _whole("seed", seed, 0)
    chosen = _cost_of(model, cost)
    start, kind = _initial(model, params, seed, dtype)
    outputs = outputs_of(model, chosen, start)
    feed = feed_of(data, outputs, batch_size, seed, kind)
    held_out = _held_out(data, validation, outputs, kind, classes=feed.classes)
    step = training_step(model, chosen, optimiser, _decay(l2, feed), executor)
    settings = settings_of(
        model, chosen, optimiser, kind, epochs=epochs, batch_size=batch_size, l2=l2, seed=seed,
        deterministic=deterministic,
    )  # fmt: skip
    threads = None if threads is None else _whole("threads", threads, 1)
    opened = open_journal(out, {**settings, **(config or {})}, resume=resume, seed=seed)
    with _limited_blas(threads, deterministic), noted_interrupts() as stop, opened as journal:
        fresh = TrainingState(start, optimiser.init(start))
        advance = advancing(
            feed, step, executor, fresh, threads=threads, deterministic=deterministic
        )
        training = Training(
            model, chosen, feed, advance, optimiser.eta, schedule, epochs, held_out, callbacks,
            journal, stop,
        )  # fmt: skip
        state = train(training, journal.begin(fresh, epochs))
    if isinstance(model, Network):
        model.params, model.dtype = state.params, kind
    if state.epoch <= epochs:
        raise KeyboardInterrupt
    return FitResult(state.params, list(state.history), journal.folder, model, chosen)


def _limited_blas(threads: int | None, deterministic: bool) -> AbstractContextManager[Any]:
    """The threads of the BLAS outside of the native loop, which has threads of its own."""
    n = 1 if deterministic else threads
    return nullcontext() if n is None else threadpool_limits(n)


def _whole(name: str, value: Any, least: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise ArgumentError(f"{name} must be an integer of at least {least}, got {value!r}")
    return number


def _cost_of(model: Model, cost: Any) -> Cost:
    if cost is not None:
        return cost_named(cost)
    if isinstance(model, Network):
        return model.cost
    raise ArgumentError("fit needs cost=, such as 'quadratic' or 'log-likelihood'")


def _initial(model: Model, params: Any, seed: int, dtype: Any) -> tuple[Any, DType]:
    """The parameters to start from, copied, and the dtype of the computation."""
    given = model.params if params is None and isinstance(model, Network) else params
    if given is None:
        kind = _float(dtype or "float32")
        return model.init(seed, kind), kind
    leaves, _ = flatten(given)
    wide = any(np.asarray(x).dtype == np.float64 for x in leaves)
    kind = _float(dtype or ("float64" if wide else "float32"))
    return map_leaves(lambda x: np.array(x, kind), given), kind  # pyright: ignore


def _float(dtype: Any) -> DType:
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = np.dtype(object)
    if kind not in (np.dtype("float32"), np.dtype("float64")):
        raise ArgumentError(f"dtype must be float32 or float64, got {dtype!r}")
    return kind


def _decay(l2: float, feed: Feed) -> float:
    """The factor lambda / n of L2 regularisation."""
    if not (l2 >= 0 and math.isfinite(l2)):
        raise ArgumentError(f"l2 must be a finite number of at least 0, got {l2}")
    if not l2:
        return 0.0
    if feed.examples is None:
        raise ArgumentError(
            "l2 is divided by the number of examples, which an iterable of mini-batches does not"
            " tell; give a pair of arrays, or add the term to the cost"
        )
    return l2 / feed.examples


def _held_out(
    data: Any, validation: Any, outputs: Callable[[Array, str], int], dtype: DType, *, classes: bool
) -> Rows | None:
    """The examples to follow training on; classes if the training data's are."""
    if validation is None:
        validation = data.validation if isinstance(data, Dataset) else None
    if validation is None:
        return None
    pair = pair_of(validation)
    if pair is None:
        raise ArgumentError("validation must be a pair of arrays (X, Y) or cr.data.Examples")
    return rows_of(pair, outputs, dtype, "validation data")._replace(classes=classes)
