"""``cr.fit``: train a model by stochastic gradient descent over shuffled mini-batches.

Here the parts are put together, each of which has its own file: ``prepare.py`` checks what was
given, ``feed.py`` makes mini-batches, ``step.py`` is one step as a compiled graph, ``loop.py``
repeats it, ``state.py`` says where training stands, ``journal.py`` keeps the run folder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chainrule.compile import Executor
from chainrule.nn.costs import Cost
from chainrule.nn.layers import Model
from chainrule.nn.network import Network
from chainrule.training.events import Callback
from chainrule.training.interrupt import noted_interrupts
from chainrule.training.journal import open_journal
from chainrule.training.loop import Schedule, Training, train
from chainrule.training.optim import Optimiser
from chainrule.training.prepare import limited_blas, prepare, whole
from chainrule.training.result import FitResult
from chainrule.training.settings import settings_of

Array = Any


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
    epochs, batch_size = whole("epochs", epochs, 0), whole("batch_size", batch_size, 1)
    seed = whole("seed", seed, 0)
    ready = prepare(
        model, data, cost=cost, optimiser=optimiser, batch_size=batch_size, validation=validation,
        seed=seed, params=params, l2=l2, dtype=dtype, executor=executor,
    )  # fmt: skip
    chosen, kind = ready.cost, ready.dtype
    settings = settings_of(
        model, chosen, optimiser, kind, epochs=epochs, batch_size=batch_size, l2=l2, seed=seed,
        deterministic=deterministic,
    )  # fmt: skip
    threads = None if threads is None else whole("threads", threads, 1)
    opened = open_journal(out, {**settings, **(config or {})}, resume=resume, seed=seed)
    with limited_blas(threads, deterministic), noted_interrupts() as stop, opened as journal:
        advance = ready.advancing(threads, deterministic=deterministic)
        training = Training(
            model, chosen, ready.feed, advance, optimiser.eta, schedule, epochs, ready.validation,
            callbacks, journal, stop,
        )  # fmt: skip
        state = train(training, journal.begin(ready.fresh, epochs))
    if isinstance(model, Network):
        model.params, model.dtype = state.params, kind
    if state.epoch <= epochs:
        raise KeyboardInterrupt
    return FitResult(state.params, list(state.history), journal.folder, model, chosen)
