"""Ctrl-C as a wish that training reads between two steps, so that it never cuts one in half.

Python's own answer to Ctrl-C raises ``KeyboardInterrupt`` at any instruction, also while a
checkpoint is written. Here the first Ctrl-C is only noted; a second one, from somebody in a hurry,
raises as usual.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager


class StopRequest:
    """Whether somebody has asked training to stop."""

    def __init__(self) -> None:
        self.requested = False

    def on_signal(self, *_: object) -> None:
        """Note the first Ctrl-C; raise at the second.

        >>> stop = StopRequest()
        >>> stop.on_signal()
        >>> stop.requested
        True
        """
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


@contextmanager
def noted_interrupts() -> Generator[StopRequest]:
    """Note Ctrl-C while the ``with`` block runs, instead of raising.

    Only in the main thread, which alone gets signals, and only in place of Python's own handler: a
    program that handles or ignores Ctrl-C itself goes on doing so.
    """
    stop = StopRequest()
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield stop
        return
    signal.signal(signal.SIGINT, stop.on_signal)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
