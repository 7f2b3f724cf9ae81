"""The package is imported as a whole before pytest imports single modules of it for their doctests.

A module such as ``insight/nudge.py`` would otherwise take the place of the function of that name.
"""

import chainrule  # noqa: F401 - imported for its effect
