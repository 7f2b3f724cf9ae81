"""What each screen of the page asks: a module a screen, with QUESTIONS and ``recorded``.

``session`` is no screen: what all of them ask.
"""

from types import ModuleType

from chainrule.explorer.screens import (
    chain,
    check,
    demon,
    digits,
    equations,
    graph,
    session,
    sweeps,
    train,
)

SCREENS: dict[str, ModuleType] = {
    "session": session,
    "graph": graph,
    "sweeps": sweeps,
    "demon": demon,
    "equations": equations,
    "chain": chain,
    "train": train,
    "digits": digits,
    "check": check,
}
