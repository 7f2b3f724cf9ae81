"""Tables as plain text: columns that stand under each other. ``html.py`` is the same for pages."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines with straight columns: the first to the left, the others to the right.

    A cell of several lines makes its row as many lines high, and is moved as a block.

    >>> aligned([("class", "right"), ("cat", "7")])
    ['class  right', 'cat        7']
    """
    split = [[_block(cell) for cell in row] for row in rows]
    flat = [
        [cell[i] if i < len(cell) else "" for cell in row]
        for row in split
        for i in range(max(map(len, row)))
    ]
    widths = [max(map(len, column)) for column in zip(*flat, strict=True)]
    return [
        "  ".join(
            [line[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        ).rstrip()
        for line in flat
    ]


def _block(cell: str) -> list[str]:
    lines = cell.split("\n")
    width = max(map(len, lines))
    return [line.ljust(width) for line in lines]
