"""Pages that ask and listen while something is under way: nothing is held up, lost, or undone."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from tests.explorer.small import small_network, small_session

from chainrule.explorer.questions import answer
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import NetworkSubject

PATIENCE = 60.0


@pytest.fixture
def session() -> Iterator[Session]:
    made = small_session()
    yield made
    made.close()


def test_a_page_listens_while_the_network_is_being_made():
    """The server's one thread does so: it would answer nobody until then."""
    begun, go_on = Event(), Event()

    def network() -> NetworkSubject:
        begun.set()
        assert go_on.wait(PATIENCE)
        return small_network()

    session = Session(network=network)
    asking = Thread(target=lambda: session.network)
    asking.start()
    told: list[str] = []

    def listen() -> None:
        session.listen(lambda name, facts: told.append(name))
        session.tell("steps", {"steps": (0,)})

    listening = Thread(target=listen)
    try:
        assert begun.wait(PATIENCE)
        listening.start()
        listening.join(PATIENCE / 3)
        assert told == ["steps"]
    finally:
        go_on.set()
        asking.join(PATIENCE)
        listening.join(PATIENCE)


def test_begun_anew_the_learning_rate_is_the_one_that_was_chosen_last(session):
    """Whether or not the page has been told of it."""
    session.trainer.set_eta(0.125)
    answer(session, "train.restart", {"seed": 5, "init": "he", "batch_size": 6})
    session.trainer.pause().result(PATIENCE)
    facts = session.trainer.facts
    assert [facts[name] for name in ("seed", "batch_size", "eta")] == [5, 6, 0.125]


def test_all_that_is_told_of_training_is_numbered(session):
    """An answer from before the step is compiled is known to be older than that."""
    told: list[Any] = []
    rests = Event()

    def listener(name: str, facts: Any) -> None:
        if name == "training":
            told.append(facts)
            if facts["status"] == "paused":
                rests.set()

    session.listen(listener)
    session.trainer.step()
    assert rests.wait(PATIENCE)
    assert [facts["status"] for facts in told] == ["compiling", "running", "paused"]
    assert [facts["report"] for facts in told] == [1, 2, 3]
