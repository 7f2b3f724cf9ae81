"""``python -m tests.accuracy.special`` writes ``docs/special-points.md`` again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .points import TOPICS

DOCUMENT = Path(__file__).parents[2] / "docs" / "special-points.md"
HEAD = """\
# What the derivative is at special points

Where a derivative exists it is given, also where a formula for it would break. Where there is none,
or several numbers would do, the tables say which one is given, and why: what JAX, PyTorch and
autograd agree on, or the element of the subdifferential with the smallest norm. Forward and
reverse mode, plain and compiled, give the same: `tests/accuracy/test_points.py` holds these tables,
which `python -m tests.accuracy.special` writes.

**Zero wins.** A derivative is a sum over paths of products of partial derivatives. In such a
product a factor 0 gives 0, even if another one is infinite or NaN: what nothing depends on leaves
no NaN. So a `where` hides the branch that it does not take, and the order in which a product is
computed, from the front or from the back, makes no difference. This holds for elementwise
functions, `prod`, `max` and `min`; a matrix product with an infinite entry gives NaN as in NumPy.
The price: where an infinite partial is met by a zero that is one only at this point, as in
`np.sqrt(x)**2` at 0, the derivative is 0 and not 1.
"""


def shown(x: Any) -> str:
    if isinstance(x, complex):
        return str(x).strip("()")
    if isinstance(x, list):
        return "[" + ", ".join(shown(v) for v in x) + "]"
    return f"{float(x):.6g}"


def document() -> str:
    parts = [HEAD]
    for name, points in TOPICS.items():
        rows = [f"| `{p.text}` | {shown(p.x)} | {shown(p.slope)} | {p.why} |" for p in points]
        parts.append(
            "\n".join(
                [
                    f"## {name}\n",
                    "| function | x | derivative | why |",
                    "|---|---|---|---|",
                    *rows,
                    "",
                ]
            )
        )
    return "\n".join(parts)


if __name__ == "__main__":
    DOCUMENT.write_text(document())
