"""The answers of one moment: all that the screens ask there, so that a file can hold them.

An answer that cannot be given is recorded as what it would have said. ``saved_page.py`` makes the
file; the other side of this is ``web/src/engine/recorded.ts``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from chainrule.explorer.place import Place
from chainrule.explorer.screens import SCREENS
from chainrule.explorer.serving.answering import CAUGHT, Failed, answered, told
from chainrule.explorer.session import Session


@dataclass(frozen=True, eq=False)
class Recording:
    """Where the page stands, and what it is answered there.

    Attributes:
        place: the address from the ``#`` on.
        answers: the bytes of each answer, by :func:`key_of`.
        errors: what went wrong, by key.
        unasked: screens that could not say what they ask, and why.
    """

    place: str
    answers: dict[str, bytes]
    errors: dict[str, str]
    unasked: dict[str, str]


def record(session: Session, place: Place) -> Recording:
    """Ask what every screen asks at a place.

    Raises:
        ChainruleError: the session's network cannot be made, or has no such example.
    """
    moment = place.moment(session)
    session.example(moment.example)
    found = Recording(str(place), {}, {}, {})
    for screen, module in SCREENS.items():
        try:
            asked = module.recorded(session, moment)
        except CAUGHT as error:  # such as a layer that the network has not
            found.unasked[screen] = told(session, screen, error).text
            continue
        for question, params in asked:
            key = key_of(question, params)
            if key in found.answers or key in found.errors:
                continue
            answer = answered(session, question, params)
            if isinstance(answer, Failed):
                found.errors[key] = answer.text
            else:
                found.answers[key] = answer
    if moment.step != session.timeline.last:  # training has gone on, and there is a newer step
        return replace(found, place=str(place.holding(step=str(moment.step))))
    return found


def key_of(question: str, params: Mapping[str, Any]) -> str:
    """A question and its parameters as one text, the same as ``keyOf`` on the page.

    >>> key_of("demon.curve", {"step": 0, "dz": 0.5, "example": "8", "at": [1.0, 1e-7, True]})
    'demon.curve {"at":[1,1e-7,true],"dz":0.5,"example":"8","step":0}'
    """
    return f"{question} {_json({name: params[name] for name in sorted(params)})}"


def _json(x: Any) -> str:
    """JSON as JavaScript writes it."""
    if isinstance(x, (int, float)) and not isinstance(x, bool):
        return number_text(x)
    if isinstance(x, Mapping):
        items = cast("Mapping[str, Any]", x).items()
        return f"{{{','.join(f'{_json(name)}:{_json(value)}' for name, value in items)}}}"
    if isinstance(x, Sequence) and not isinstance(x, str):
        return f"[{','.join(map(_json, cast('Sequence[Any]', x)))}]"
    return json.dumps(x, ensure_ascii=False)


def number_text(x: float) -> str:
    """A number as JavaScript writes it: Number::toString of ECMA-262, base 10.

    >>> [number_text(x) for x in (1.0, -0.0, 1e21, 1.5e-7, 0.000001, 123456789012345680000.0)]
    ['1', '0', '1e+21', '1.5e-7', '0.000001', '123456789012345680000']
    """
    x = float(x)
    if not math.isfinite(x):
        return "null"
    if x == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(x)).normalize().as_tuple()
    text, minus = "".join(map(str, digits)), "-" if sign else ""
    n = len(text) + int(exponent)  # the decimal point stands after n digits
    if len(text) <= n <= 21:
        return f"{minus}{text}{'0' * (n - len(text))}"
    if 0 < n <= 21:
        return f"{minus}{text[:n]}.{text[n:]}"
    if -6 < n <= 0:
        return f"{minus}0.{'0' * -n}{text}"
    power = f"e{'+' if n > 0 else '-'}{abs(n - 1)}"
    return f"{minus}{text[0]}{'.' if text[1:] else ''}{text[1:]}{power}"
