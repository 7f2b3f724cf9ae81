"""A session: what one page looks at, and what its questions are answered from.

The network is made when it is first asked about, so that a page that opens with a function need
not wait for data. Questions arrive from several threads; what they share is guarded here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from secrets import token_hex
from threading import Event, Lock, RLock
from typing import Any, TypeVar

from chainrule.checking.quotients import Quotients
from chainrule.core.errors import ArgumentError
from chainrule.explorer.checked.checks import Case, StoppedError, case_of, small_case
from chainrule.explorer.examples import Example, example_named
from chainrule.explorer.functions.network_cost import NETWORK, cost_of_network
from chainrule.explorer.functions.presets import preset
from chainrule.explorer.functions.traced import Traced
from chainrule.explorer.learning.timeline import Timeline
from chainrule.explorer.learning.trainer import Trainer
from chainrule.explorer.memory import Memory
from chainrule.explorer.outcomes import Outcomes, outcomes_of
from chainrule.explorer.subjects import ESSAY, FunctionSubject, NetworkSubject, seed_network
from chainrule.insight.demon import Demon
from chainrule.nn.record import Record, record_stack
from chainrule.nn.stack import Stack, stack_of

T = TypeVar("T")
Listener = Callable[[str, Mapping[str, Any]], None]


class Session:
    """What one page looks at.

    Args:
        functions: the functions that the graph screen can show, the first at first.
        network: makes the network of the other screens, when it is needed.

    Attributes:
        measuring: held while something is timed, since two measurements would slow each other.
        is_watched: set when somebody listens for the first time.

    >>> session = Session()
    >>> session.functions["essay"].args
    (2.0, 1.0)
    """

    def __init__(
        self,
        functions: tuple[FunctionSubject, ...] = (ESSAY,),
        network: Callable[[], NetworkSubject] = seed_network,
    ) -> None:
        self.functions = {f.name: f for f in functions}
        self._make_network = network
        self._network: tuple[NetworkSubject, Trainer] | None = None
        self._making = RLock()  # takes seconds, in which events are told
        self._telling = RLock()
        self._listeners: list[Listener] = []
        self._name, self._told = token_hex(4), 0
        self.measuring = Lock()
        self.stop_checking = Event()
        self.is_watched = Event()
        self._memory = Memory()

    @property
    def network(self) -> NetworkSubject:
        """The network with its data."""
        return self._made()[0]

    @property
    def timeline(self) -> Timeline:
        """The parameters of the network by training step."""
        return self.trainer.progress.timeline

    @property
    def trainer(self) -> Trainer:
        """What trains the network."""
        return self._made()[1]

    def close(self) -> None:
        """End the training, if there is any."""
        with self._making:
            made = self._network
        if made is not None:
            made[1].close()

    def example(self, name: str) -> Example:
        """The example that the page calls ``name``, see ``examples.py``."""
        return example_named(name, self.network.data, self.stack(self.timeline.steps[0]).dtype)

    def stack(self, step: int) -> Stack:
        """The layers after ``step`` training steps."""
        return stack_of(self.network.model, self.timeline.at(step), self.network.cost)

    def function(self, name: str, step: int, example: str) -> FunctionSubject:
        """A function of the graph screen, "" the first one; the network's cost is one, too, at a
        training step and an example.
        """
        if name == NETWORK:
            at = self.example(example)
            return cost_of_network(self.network, self.timeline.at(step), at.x, at.y)
        name = name or next(iter(self.functions))
        found = self.functions.get(name) or preset(name)
        if found is None:
            known = ", ".join(self.functions)
            raise ArgumentError(f"there is no function {name!r}, only {known}")
        return found

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have ``listener(name, facts)`` called when something happens; returns what ends that."""
        with self._telling:
            self._listeners.append(listener)
        self.is_watched.set()

        def stop() -> None:
            with self._telling:
                self._listeners.remove(listener)

        return stop

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """Tell all pages that something happened; ``facts`` are plain."""
        with self._telling:
            self._told += 1
            for listener in tuple(self._listeners):
                listener(event, facts)

    @property
    def edition(self) -> str:
        """Another text after each event, and in each session: whoever knows the one that holds now
        has missed nothing.
        """
        with self._telling:
            return f"{self._name}-{self._told}"

    def record(self, step: int, example: str) -> Record:
        """Both sweeps over one example: see :class:`~chainrule.nn.record.Record`."""

        def compute() -> Record:
            found = self.example(example)
            return record_stack(self.stack(step), found.x, found.y)

        return self._recall("record", (step, example), compute)

    def demon(self, step: int, example: str) -> Demon:
        """A demon at one example: see :class:`~chainrule.insight.demon.Demon`."""

        def compute() -> Demon:
            found, network, params = self.example(example), self.network, self.timeline.at(step)
            return Demon(network.model, found.x, found.y, params=params, cost=network.cost)

        return self._recall("demon", (step, example), compute)

    def traced(self, function: str, inputs: str, of: str, step: int, example: str) -> Traced:
        """A function at its arguments, those in ``inputs`` changed: see ``functions/traced.py``."""
        key = (function, inputs, of, step, example)

        def compute() -> Traced:
            return Traced(self.function(function, step, example), inputs, of)

        if function == NETWORK:
            return self._recall("graph", key, compute)
        return self._memory.recall("function", key, compute)

    def outcomes(self, step: int) -> Outcomes:
        """What the network makes of each test example: see ``outcomes.py``."""
        return self._recall(
            "outcomes", step, lambda: outcomes_of(self.network, self.timeline.at(step))
        )

    def case(self, subject: str, step: int, example: str, examples: int) -> Case:
        """What is checked: the network with a mini-batch, or a small one: ``checked/checks.py``."""
        if subject == "small":
            return small_case(examples)
        return case_of(self.network, self.stack(step), self.example(example), examples)

    def quotients(
        self, subject: str, step: int, example: str, examples: int, every: bool
    ) -> Quotients:
        """Difference quotients of its cost; pages are told how far they are, and can stop them."""

        def progress(done: int, of: int) -> None:
            if self.stop_checking.is_set():
                raise StoppedError(f"stopped after {done:,} of {of:,} parameters")
            self.tell("checking", {"done": done, "of": of})

        def compute() -> Quotients:
            self.stop_checking.clear()
            case = self.case(subject, step, example, examples)
            return case.quotients(every=every, progress=progress)

        return self._recall("quotients", (subject, step, example, examples, every), compute)

    def _recall(self, kind: str, key: Hashable, compute: Callable[[], T]) -> T:
        """Something of the network; a step of a training that went another way is another one."""
        return self._memory.recall(kind, (self.timeline.generation, key), compute)

    def _forgotten(self, step: int) -> None:
        """The training after ``step`` has gone another way: tell all pages."""
        self._memory.forget()
        self.tell("forgotten", {"after": step})

    def _made(self) -> tuple[NetworkSubject, Trainer]:
        with self._making:
            if self._network is None:
                made = self._make_network()
                self._network = made, Trainer(made, self.tell, self._forgotten)
            return self._network
