"""What people hand over to look at, as a session: a function, a model with examples, a run.

The command line and Python both come through here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.data.dataset import Dataset, Examples, Scaling
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import (
    ESSAY,
    FunctionSubject,
    NetworkSubject,
    network_of_run,
)
from chainrule.insight.subject import Subject, arrays_of, subject_of
from chainrule.nn.layers import Sequential
from chainrule.nn.network import Network
from chainrule.nn.stack import GivenCost, stack_of
from chainrule.training.metrics import chosen
from chainrule.training.rows import outputs_of, rows_of
from chainrule.training.trained import load_trained

Array = Any


def session_of(
    subject: Any = None,
    data: Any = None,
    *,
    args: tuple[Any, ...] = (),
    params: Any = None,
    cost: GivenCost = None,
) -> Session:
    """A session of what was given; what is not given is what the page opens with by itself.

    Args:
        subject: a function of plain NumPy; or a model as ``insight.subject_of`` takes it.
        data: examples of the model, as ``insight`` takes them; of a run they are its own.
        args: arguments of the function, at which it is looked at.
        params, cost: of a model that does not hold them.

    Raises:
        ArgumentError: it cannot be looked at, or arguments or examples are missing.
        RunError, DataError, ShapeError: run or examples are unfit.

    >>> list(session_of(lambda x: x * x, args=(3.0,)).functions)
    ['<lambda>', 'essay']
    """
    if subject is None:
        _nothing_else(data, args, "there is nothing that it belongs to")
        return Session()
    if _is_function(subject):
        _nothing_else(data, (), "data belongs to a model, and this is a function; give args=")
        return Session((function_subject(subject, args), ESSAY))
    _nothing_else(None, args, "args belongs to a function, and this is a model; give data=")
    if data is None and params is None and cost is None and isinstance(subject, (str, Path)):
        trained = load_trained(subject)
        stack_of(trained.model, trained.params, trained.cost)  # refuses what is no stack of layers
        return Session(network=partial(network_of_run, subject))
    network = network_subject(subject_of(subject, params, cost), data)
    return Session(network=lambda: network)


def function_subject(
    f: Callable[..., Any], args: tuple[Any, ...], file: str | None = None
) -> FunctionSubject:
    """A function at arguments; those that it has defaults for may be left out.

    Raises:
        ArgumentError: arguments are missing, too many, or only possible by name.
    """
    name = getattr(f, "__name__", type(f).__name__)
    try:
        bound = inspect.signature(f).bind(*args)
    except TypeError as error:
        raise ArgumentError(f"{name}: {error}; give its arguments as args=(...)") from error
    bound.apply_defaults()
    code = getattr(inspect.unwrap(f), "__code__", None)
    found = file or (code.co_filename if code is not None else None)
    keywords = bound.kwargs
    if not keywords:
        return FunctionSubject(name, f, bound.args, found)

    @wraps(f)
    def with_keywords(*xs: Any) -> Any:
        return f(*xs, **keywords)

    return FunctionSubject(name, with_keywords, bound.args, found)


def network_subject(subject: Subject, data: Any) -> NetworkSubject:
    """A model with its examples."""
    sizes = stack_of(subject.model, subject.params, subject.cost).sizes
    examples = dataset_of(subject, data)
    name = "-".join(map(str, sizes))
    return NetworkSubject(name, subject.model, subject.cost, subject.params, examples)


def dataset_of(subject: Subject, data: Any) -> Dataset:
    """Examples as a data set; those that are no data set all train and are all looked at.

    Raises:
        ArgumentError: there are none.
        DataError, ShapeError: they are no examples, or do not fit the model.
    """
    if data is None and subject.trained is not None:
        return subject.trained.dataset()
    if data is None:
        raise ArgumentError(
            "a model is looked at with examples: give data=(X, Y), or a data set of cr.data"
        )
    outputs = outputs_of(subject.model, subject.cost, subject.params)
    pair = arrays_of(data.test if isinstance(data, Dataset) else data)
    X, Y, of_classes = rows_of(pair, outputs, subject.dtype, "the examples")
    if isinstance(data, Dataset):  # which fits, then
        return data
    classes = tuple(map(str, range(Y.shape[1]))) if of_classes and Y.shape[1] > 1 else ()
    every = Examples(X, chosen(Y).astype(np.int64) if classes else Y)
    shape = np.shape(pair[0])[1:]
    return Dataset(
        "examples", every, every, every, "classification" if classes else "regression", classes,
        (), "class" if classes else "target", Scaling.identity(X.shape[1]),
        shape if len(shape) > 1 else (), "arrays",
    )  # fmt: skip


def _is_function(subject: Any) -> bool:
    """Whether it is a function, and no model, which can be called, too."""
    return callable(subject) and not isinstance(subject, (Network, Sequential))


def _nothing_else(data: Any, args: tuple[Any, ...], why: str) -> None:
    if data is not None or args:
        raise ArgumentError(why)
