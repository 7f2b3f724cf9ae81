"""The parameters of a network at the training steps that can be looked at.

Training adds steps from a thread of its own while the page asks about earlier ones.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from chainrule.core.errors import ArgumentError


class Timeline:
    """Parameters by training step, the steps in ascending order.

    >>> timeline = Timeline(0, {"weights": "w0"})
    >>> timeline.add(100, {"weights": "w100"})
    >>> timeline.steps, timeline.at(100)
    ((0, 100), {'weights': 'w100'})
    """

    def __init__(self, step: int, params: Any) -> None:
        self._lock = Lock()
        self._params: dict[int, Any] = {step: params}

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps that are kept."""
        with self._lock:
            return tuple(self._params)

    def at(self, step: int) -> Any:
        """The parameters after ``step`` steps.

        Raises:
            ArgumentError: that step is not kept.
        """
        with self._lock:
            if step in self._params:
                return self._params[step]
            steps = tuple(self._params)
        raise ArgumentError(
            f"step {step:,} is not kept; there are {len(steps):,} from {steps[0]:,} to"
            f" {steps[-1]:,}"
        )

    def add(self, step: int, params: Any) -> None:
        """Keep the parameters of a step later than all others."""
        with self._lock:
            self._params[step] = params

    def forget_after(self, step: int) -> None:
        """Forget what came after a step."""
        with self._lock:
            self._params = {n: params for n, params in self._params.items() if n <= step}
