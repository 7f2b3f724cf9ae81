"""Writing into a carry in place, in loops that Python runs.

A step that puts a value into a large carry makes a copy of it, by what ``setitem`` means. Where the
carry is read by nothing else and the result is the next carry, nobody sees the difference if the
loop writes into an array of its own. Machine code does the same (``executors/native/memory.py``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import Any

from chainrule.core.graph import Graph
from chainrule.ops.index import Slot
from chainrule.ops.indexing import setitem


def _overwritten(x: Any, v: Any, *arrays: Any, index: tuple[Any, ...]) -> Any:
    x[tuple(arrays[i.n] if type(i) is Slot else i for i in index)] = v
    return x


OVERWRITE = replace(setitem, value=_overwritten)
"""``setitem`` into the operand's own memory."""


@lru_cache(maxsize=1024)
def overwriting(body: Graph, constants: int) -> tuple[Graph, tuple[int, ...]]:
    """The body of a loop, its writes into carries in place, and which carries these are."""
    uses = Counter(x for e in body.equations for x in e.inputs) + Counter(body.outputs)
    carries = dict(zip(body.inputs[constants:], body.outputs, strict=True))
    place = {v: n for n, v in enumerate(body.inputs[constants:])}
    found: list[int] = []
    equations = list(body.equations)
    for n, e in enumerate(equations):
        if e.primitive is setitem:
            (out,), x = e.outputs, e.inputs[0]
            if x in place and carries[x] is out and uses[x] == uses[out] == 1:
                equations[n] = replace(e, primitive=OVERWRITE)
                found.append(place[x])
    return replace(body, equations=tuple(equations)), tuple(found)
