"""What each screen of the page asks: a module a screen, with QUESTIONS and ``recorded``.

``session`` is no screen: what all of them ask.
"""

from types import ModuleType

from chainrule.explorer.screens import session

SCREENS: dict[str, ModuleType] = {
    "session": session,
}
