"""What the screen Digits is tested with: MNIST after a short training, and tables."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from tests.explorer.small import small_data

import chainrule as cr
from chainrule.data.dataset import Dataset, Examples, Scaling
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import NetworkSubject, seed_network

TEST_EXAMPLES = 1_000


@cache
def learned() -> NetworkSubject:
    """The seed network after some epochs over some digits; fewer test examples, for speed."""
    subject = seed_network()
    data = subject.data
    fewer = replace(data, train=data.train[:10_000], test=data.test[:TEST_EXAMPLES])
    net = cr.nn.Network([784, 30, 10], dtype="float32")
    net.SGD((fewer.train.X, fewer.train.Y), epochs=6, mini_batch_size=10, eta=3.0)
    return replace(subject, model=net, params=net.params, data=fewer)


def digits_session() -> Session:
    return Session(network=learned)


def table(task: str, n: int = 90) -> Dataset:
    """Two features, standardised; three classes, or a number to predict."""
    rng = np.random.default_rng(3)
    raw = rng.normal([170.0, 60.0], [10.0, 20.0], (n, 2))
    scaling = Scaling([170.0, 60.0], [10.0, 20.0])
    X = scaling.apply(raw)
    Y: Any = np.argmax(np.c_[X, np.zeros(n)], axis=1).astype(np.int64)
    if task == "regression":
        Y = (X[:, :1] - 2 * X[:, 1:]).astype(np.float32)
    every = Examples(X, Y)
    classes = ("tall", "heavy", "neither") if task == "classification" else ()
    return Dataset(
        "people", every[: n // 3], every[n // 3 : n // 2], every[n // 2 :], task, classes,
        ("height", "weight"), "kind" if classes else "score", scaling, (2,), "tests",
    )  # fmt: skip


def bright_session() -> Session:
    """Images whose pixels go from 0 to 16, as some files have them."""
    data = small_data()
    brighter = {name: Examples(16 * x.X, x.Y) for name, x in data.splits().items()}
    net = cr.nn.Network([16, 5, 3], dtype="float32")
    subject = NetworkSubject("bright", net, net.cost, net.params, replace(data, **brighter))
    return Session(network=lambda: subject)


def table_session(task: str) -> Session:
    data = table(task)
    net = cr.nn.Network([2, 4, data.n_out], dtype="float32")
    return Session(network=lambda: NetworkSubject("people", net, net.cost, net.params, data))
