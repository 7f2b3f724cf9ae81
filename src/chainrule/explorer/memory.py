"""Answers that were computed once and may be asked for again: the latest of each kind."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")
KEPT = 12  # of each kind


class Memory:
    """The latest answers of each kind, by what they were computed from.

    >>> memory = Memory()
    >>> memory.recall("square", (3,), lambda: 9), memory.recall("square", (3,), lambda: 0)
    (9, 9)
    >>> memory.forget()
    >>> memory.recall("square", (3,), lambda: 0)
    0
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kinds: dict[str, OrderedDict[Hashable, Any]] = {}

    def recall(self, kind: str, key: Hashable, compute: Callable[[], T]) -> T:
        """What ``key`` stands for, computed if it is not known; two threads may compute it both."""
        with self._lock:
            kept = self._kinds.setdefault(kind, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
        found = compute()
        with self._lock:
            kept[key] = found
            if len(kept) > KEPT:
                kept.popitem(last=False)
        return found

    def forget(self) -> None:
        """Forget all."""
        with self._lock:
            self._kinds = {}
