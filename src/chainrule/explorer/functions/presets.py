"""Functions that the page brings along, to see what sweeps and paths are about.

They stand beside the user's functions under names that no Python function has.
"""

from __future__ import annotations

import re

import numpy as np

from chainrule.explorer.functions.written import written
from chainrule.explorer.subjects import FunctionSubject

MOST_RUNGS = 40

_FAN = """\
def fan(x):
    p = np.sin(x)
    q = np.exp(x)
    r = np.tanh(x)
    y = p + q + r
    u = np.cos(y)
    v = np.sqrt(y)
    w = np.arctan(y)
    z = u + v + w
    return z
"""
_HELIX = """\
def helix(t):
    x = np.cos(t)
    y = np.sin(t)
    z = 0.25 * t
    return x, y, z
"""
_LADDER = """\
def ladder(x):
    for _ in range({rungs}):
        x = np.tanh(x) + 0.5 * x
    return x
"""
PRESETS = {
    "@helix": "one input, three outputs",
    "@fan": "three ways, then three ways",
    "@ladder3": "every rung doubles the paths",
}
"""What the page calls them, and what it says of them; of ladders there is one for each length."""


def preset(name: str) -> FunctionSubject | None:
    """The function of a name, None if there is none.

    >>> preset("@ladder2").f(0.0), preset("@ladder0")
    (np.float64(0.0), None)
    """
    if name == "@helix":
        return _subject(name, _HELIX, 1.0)
    if name == "@fan":
        return _subject(name, _FAN, 0.5)
    found = re.fullmatch(r"@ladder([1-9]\d?)", name, re.ASCII)
    if found is None or int(found[1]) > MOST_RUNGS:
        return None
    return _subject(name, _LADDER.format(rungs=found[1]), 0.5)


def _subject(name: str, text: str, x: float) -> FunctionSubject:
    file = f"{name.removeprefix('@')}.py"
    return FunctionSubject(name, written(text, file, {"np": np}), (x,), file)
