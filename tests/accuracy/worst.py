"""The largest errors found of the derivatives of elementwise functions, a row a primitive.

``python -m tests.accuracy.worst`` prints them and writes ``docs/accuracy.md`` again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from .functions import FUNCTIONS
from .measure import DTYPES, MODES, errors, samples

DOCUMENT = Path(__file__).parents[2] / "docs" / "accuracy.md"
BOUNDS = {1: 4.0, 2: 16.0}
LOOSE = {("tan", "float32"): 5.0}  # NumPy's cos of float32 is 1.5 ulp off, which counts twice
SAMPLES = {1: 4000, 2: 1500}
COLUMNS = [(1, "float64"), (1, "float32"), (1, "float16"), (2, "float64"), (2, "float32")]
HEADER = "| primitive | " + " | ".join(
    f"{('first', 'second')[order - 1]}, {dtype}" for order, dtype in COLUMNS
)


def bound(name: str, dtype: str, order: int) -> float:
    """The ulp that a derivative may be off."""
    return LOOSE.get((name, dtype), BOUNDS[1]) if order == 1 else BOUNDS[2]


def row(name: str, samples_of: dict[int, int]) -> list[float]:
    """The worst error of each column, of forward and reverse."""
    found: list[float] = []
    for order, dtype in COLUMNS:
        xs = samples(FUNCTIONS[name], DTYPES[dtype], samples_of[order])
        worst = 0.0
        for mode in MODES:
            for error in errors(FUNCTIONS[name], DTYPES[dtype], mode, order, xs):
                worst = max(worst, error[0])
        found.append(worst)
    return found


def rows() -> Iterator[str]:
    for name in FUNCTIONS:
        yield f"| {name} | " + " | ".join(f"{e:.2f}" for e in row(name, SAMPLES)) + " |"


def recorded(text: str) -> dict[str, list[float]]:
    """The errors in the document, by primitive and column."""
    table = re.findall(r"^\| (\w+) \| ([\d. |]+) \|$", text, re.MULTILINE)
    return {name: [float(n) for n in cells.split(" | ")] for name, cells in table}


def main() -> None:
    table = [HEADER + " |", "|---" * (1 + len(COLUMNS)) + "|", *rows()]
    sys.stdout.write("worst ulp by primitive, forward and reverse\n" + "\n".join(table) + "\n")
    text = DOCUMENT.read_text()
    start = text.index("| primitive |")
    end = text.index("\n\n", start)
    DOCUMENT.write_text(text[:start] + "\n".join(table) + text[end:])


if __name__ == "__main__":
    main()
