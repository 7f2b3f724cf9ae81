"""What the page can ask: questions by name, each a function of the session and plain parameters.

A question is ``SCREEN.NAME``, such as ``demon.curve``; the functions stand in ``QUESTIONS`` of the
modules in ``screens/``. Their annotations say what a parameter may be, which is checked here,
because a page can send anything.
"""

from __future__ import annotations

import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.explorer.screens import SCREENS
from chainrule.explorer.session import Session
from chainrule.explorer.wire import Plain

Question = Callable[..., Plain]
LONGEST = 10_000  # characters of a text, entries of a list

QUESTIONS: dict[str, Question] = {
    f"{screen}.{name}": question
    for screen, module in SCREENS.items()
    for name, question in module.QUESTIONS.items()
}


def answer(session: Session, name: str, params: Mapping[str, Any]) -> Plain:
    """The answer to a question of the page.

    Raises:
        ArgumentError: there is no such question, or a parameter is missing or of another kind.
        ChainruleError: what the question itself refuses.
    """
    question = QUESTIONS.get(name)
    if question is None:
        raise ArgumentError(f"there is no question {name!r}")
    expected = _parameters(question)
    for given in params:
        if given not in expected:
            known = ", ".join(expected) or "none"
            raise ArgumentError(f"{name} has no parameter {given!r}; it has {known}")
    checked: dict[str, Any] = {}
    for key, (kind, needed) in expected.items():
        if key in params:
            checked[key] = _checked(f"{name}: {key}", params[key], kind)
        elif needed:
            raise ArgumentError(f"{name} needs the parameter {key}")
    return question(session, **checked)


@cache
def _parameters(question: Question) -> dict[str, tuple[Any, bool]]:
    """The kind of each parameter, and whether it must be given."""
    found = inspect.signature(question, eval_str=True).parameters
    return {
        p.name: (p.annotation, p.default is p.empty)
        for p in found.values()
        if p.kind is p.KEYWORD_ONLY
    }


def _checked(where: str, given: Any, kind: Any) -> Any:
    if isinstance(kind, types.UnionType):  # X | None
        if given is None:
            return None
        kind = next(k for k in typing.get_args(kind) if k is not type(None))
    if typing.get_origin(kind) is list:
        (each,) = typing.get_args(kind)
        if not isinstance(given, list) or len(typing.cast("list[Any]", given)) > LONGEST:
            raise ArgumentError(f"{where} must be a list of at most {LONGEST:,} entries")
        return [_checked(where, x, each) for x in typing.cast("list[Any]", given)]
    if kind is float and type(given) is int:
        given = float(given)
    if type(given) is not kind:
        raise ArgumentError(f"{where} must be {kind.__name__}, got {type(given).__name__}")
    if isinstance(given, float) and not math.isfinite(given):
        raise ArgumentError(f"{where} must be finite, got {given}")
    if isinstance(given, str) and len(given) > LONGEST:
        raise ArgumentError(f"{where} has {len(given):,} characters; at most {LONGEST:,}")
    return given
