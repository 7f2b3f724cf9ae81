"""Training in the page beside training without it: the same loop to the same bits.

A server runs in the process that trains; another process reads its events, as a browser would. What
is timed is epochs of training with the held-out examples scored after each, as ``cr.fit`` does it;
a second contender leaves the scoring out.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from benchmarks.work import OURS, Contender, Size, Task, Work

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {"batch_size": 10, "seed": 0}


def subject(size: Size) -> Any:
    """The network and its data."""
    import chainrule as cr
    from chainrule.explorer.subjects import NetworkSubject

    net = cr.nn.Network(
        size["layers"], activation=size["activation"], cost=size["cost"], init=size["init"],
        dtype="float32",
    )  # fmt: skip
    data = cr.data.load("mnist")
    return NetworkSubject("net", net, net.cost, net.params, data, eta=size["eta"], **SETTINGS)


def leaves(params: Any) -> Sequence[Any]:
    """Parameters as a list of arrays."""
    return [layer[name] for layer in params for name in ("weights", "biases")]


def with_the_page(size: Size, threads: int) -> Task:
    """A session behind its server, and a process that reads its events."""
    from chainrule.explorer.serving.running import Server, listen
    from chainrule.explorer.session import Session

    network = subject(size)
    session = Session(network=lambda: network)
    listening = listen(port=0)
    Thread(target=Server(session, listening, {}).until_stopped, daemon=True).start()
    hearing = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.page", listening.address()], cwd=ROOT,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    rests = Event()

    def heard(name: str, facts: Any) -> None:
        if name == "training" and facts["status"] == "paused":
            rests.set()

    session.listen(heard)

    def epochs(n: int) -> Sequence[Any]:
        rests.clear()
        session.trainer.epochs(n)
        rests.wait()
        return leaves(session.trainer.progress.state.params)

    def numbers() -> Sequence[Any]:
        found = epochs(1)
        assert hearing.stdout is not None and hearing.stdout.readline() == "heard\n"
        return found

    return Task(lambda: epochs(size["epochs"]), size["epochs"], numbers)


def without(size: Size, *, scored: bool) -> Task:
    """The loop of ``cr.fit``, prepared and compiled already."""
    from chainrule.training.interrupt import StopRequest
    from chainrule.training.journal import Journal
    from chainrule.training.loop import Training, train
    from chainrule.training.prepare import prepare

    net = subject(size)
    held_out = net.data.validation
    ready = prepare(
        net.model, net.data.train, cost=net.cost, optimiser=net.rule, params=net.params,
        validation=(held_out.X, held_out.Y) if scored else None, **SETTINGS,
    )  # fmt: skip
    advance, state = ready.advancing(), ready.fresh

    def epochs(n: int) -> Sequence[Any]:
        nonlocal state
        training = Training(
            net.model, ready.cost, ready.feed, advance, net.eta, None, state.epoch - 1 + n,
            ready.validation, (), Journal(None, {}, 0), StopRequest(),
        )  # fmt: skip
        state = train(training, state)
        return leaves(state.params)

    return Task(lambda: epochs(size["epochs"]), size["epochs"], lambda: epochs(1))


def hear(address: str) -> None:
    """Read the events of a server until it ends; say when the first of training came."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", f"/?{parts.query}")
    entered = connection.getresponse()
    entered.read()
    cookie = str(entered.headers["set-cookie"]).partition(";")[0]
    connection.request("GET", "/events", headers={"Cookie": cookie})
    said = False
    for line in connection.getresponse():
        if line == b"event: training\n" and not said:
            print("heard", flush=True)
            said = True


SEED = {
    "layers": [784, 30, 10], "activation": "sigmoid", "cost": "quadratic", "init": "book",
    "eta": 3.0, "epochs": 20,
}  # fmt: skip
RELU = {
    "layers": [784, 128, 10], "activation": "relu", "cost": "log-likelihood", "init": "he",
    "eta": 0.1, "epochs": 8,
}  # fmt: skip

WORK = Work(
    name="page",
    what="training in the page beside training without it",
    sizes=[SEED, RELU],
    contenders={
        OURS: Contender(with_the_page),
        "without the page": Contender(lambda size, threads: without(size, scored=True)),
        "without page and scores": Contender(
            lambda size, threads: without(size, scored=False), shown=False
        ),
    },
    threads=(1, 2),
    unit="epoch",
    tolerance=0.0,
    at_least={"without the page": 0.8},
    small={**SEED, "layers": [784, 8, 10], "epochs": 1},
)

if __name__ == "__main__":
    hear(sys.argv[1])
