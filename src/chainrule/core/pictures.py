"""The pictures of a graph. A graph itself knows of none: ``chainrule.drawing`` enters them here,
as ``chainrule.ops`` enters primitives into their registry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PICTURES: dict[str, Callable[..., Any]] = {}
"""What ``Graph.draw`` and the rich display of notebooks call, by name."""
