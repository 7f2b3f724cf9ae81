"""A small network on small pictures: what the page does with it takes no time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.data.dataset import Dataset, Examples, Scaling
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import ESSAY, FunctionSubject, NetworkSubject
from chainrule.nn.network import Network

SIDE = 4
CLASSES = ("left", "right", "both")


def small_data(n: int = 60) -> Dataset:
    """Pictures of 4 x 4 pixels, bright on one side or on both."""
    rng = np.random.default_rng(7)
    labels = np.arange(n) % 3
    pixels = rng.uniform(0, 0.3, (n, SIDE, SIDE))
    pixels[labels != 1, :, :2] += 0.6
    pixels[labels != 0, :, 2:] += 0.6
    every = Examples(pixels.reshape(n, -1).astype(np.float32), labels.astype(np.int64))
    return Dataset(
        "sides", every[: n // 2], every[n // 2 : 3 * n // 4], every[3 * n // 4 :],
        "classification", CLASSES, (), "side", Scaling.identity(SIDE * SIDE), (SIDE, SIDE),
        "tests",
    )  # fmt: skip


def small_network(sizes: tuple[int, ...] = (16, 5, 3), **settings: Any) -> NetworkSubject:
    """An untrained network; ``settings`` are those of ``cr.nn.Network``."""
    net = Network(list(sizes), **{"dtype": "float32", **settings})
    name = "-".join(map(str, sizes))
    return NetworkSubject(name, net, net.cost, net.params, small_data(), eta=0.5, batch_size=5)


def small_session(*functions: FunctionSubject, **settings: Any) -> Session:
    """A session of the small network; ``functions`` come before the essay."""
    return Session((*functions, ESSAY), lambda: small_network(**settings))


def reach(session: Session, step: int, params: Any) -> None:
    """As if training had come to a step with these parameters."""
    begin = session.timeline.state(session.timeline.steps[0])
    session.timeline.add(replace(begin, params=params, steps=step))


def forget(session: Session, step: int) -> None:
    """As if training had gone another way after a step."""
    session.timeline.forget_after(step)
    session._forgotten(step)
