"""How a record of a network reads: its numbers while they are few, else a line for each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.core.array_text import array_text, is_small, mean, norm, number_text
from chainrule.core.columns import aligned
from chainrule.core.html import table
from chainrule.core.tree import flatten

Array = Any
Kept = Mapping[str, Any]


def text_of(sizes: Sequence[int], activations: Sequence[str], cost: str, kept: Kept) -> str:
    """A record as text for a terminal."""
    head, rows = _table(activations, kept)
    lines = [f"  {line}" for line in aligned([head, *rows])]
    return "\n".join([_title(sizes, cost, kept), *lines, *(f"  {note}" for note in _notes(kept))])


def html_of(sizes: Sequence[int], activations: Sequence[str], cost: str, kept: Kept) -> str:
    """A record as a table for notebooks, with the same numbers."""
    head, rows = _table(activations, kept)
    notes = f"\n<p>{'; '.join(_notes(kept))}</p>" if _notes(kept) else ""
    return table(head, rows, _title(sizes, cost, kept)) + notes


def _table(activations: Sequence[str], kept: Kept) -> tuple[list[str], list[list[str]]]:
    return _few_numbers(activations, kept) if _is_small(kept) else _by_layer(activations, kept)


def _title(sizes: Sequence[int], cost: str, kept: Kept) -> str:
    parts = [f"record of {'-'.join(map(str, sizes))}"]
    examples = _examples(kept)
    if examples is not None:
        parts.append(f"{examples:,} example{'' if examples == 1 else 's'}")
    whole = "cost" if examples == 1 else "mean cost"
    parts.append(f"{whole} {mean(kept['cost']):.4g} ({cost})" if "cost" in kept else f"{cost} cost")
    return ", ".join(parts)


def _examples(kept: Kept) -> int | None:
    if "cost" in kept:
        return len(kept["cost"])
    of_batch = [x for q in ("z", "a", "delta", "delta_a") for x in kept.get(q, {}).values()]
    return len(of_batch[0]) if of_batch else None


def _is_small(kept: Kept) -> bool:
    return all(is_small(x) for numbers in kept.values() for x in flatten(numbers)[0])


# ---- all numbers ---------------------------------------------------------------------------------


def _few_numbers(activations: Sequence[str], kept: Kept) -> tuple[list[str], list[list[str]]]:
    """All arrays in the order of the sweeps: forwards to the cost, and back."""
    depth = len(activations)
    forward = [("a", 0), *((q, n) for n in range(1, depth + 1) for q in ("z", "a"))]
    back = [
        (q, n)
        for n in range(depth, -1, -1)
        for q in ("delta_a", "delta", "nabla_w", "nabla_b")
        if n or q == "delta_a"
    ]
    rows = [_row(q, n, activations, kept) for q, n in forward if q in kept]
    if "cost" in kept:
        rows.append(["cost", "C_x", array_text(kept["cost"])])
    rows += [_row(q, n, activations, kept) for q, n in back if q in kept]
    return ["", "what it is", "numbers, rows are examples"], rows


def _row(q: str, n: int, activations: Sequence[str], kept: Kept) -> list[str]:
    meaning = {
        "z": f"w[{n}] a[{n - 1}] + b[{n}]",
        "a": f"{activations[n - 1]}(z[{n}])" if n else "x",
        "delta_a": f"dC/da[{n}]" if n else "dC/dx",
        "delta": f"dC/dz[{n}]",
        "nabla_w": f"dC/dw[{n}]",
        "nabla_b": f"dC/db[{n}]",
    }[q]
    return [f"{q}[{n}]", meaning, array_text(kept[q][n])]


# ---- a line a layer ------------------------------------------------------------------------------

_COLUMNS = {
    "z": ("z mean", "(sd)"),
    "a": ("a mean", "(sd)"),
    "delta_a": ("|delta_a|",),
    "delta": ("|delta|",),
    "nabla_w": ("|nabla_w|", "mean"),
    "nabla_b": ("|nabla_b|", "mean"),
}


_NOTES = {
    ("z", "a"): "mean and standard deviation (sd) over neurons and examples",
    ("delta_a", "delta"): "|delta|, |delta_a|: norm for one example, mean over the examples",
    ("nabla_w", "nabla_b"): "nabla: gradients of the mean cost, norm and mean over the entries",
}


def _notes(kept: Kept) -> list[str]:
    """What the heads of the table mean; numbers that are all there need no note."""
    if _is_small(kept):
        return []
    return [note for quantities, note in _NOTES.items() if any(q in kept for q in quantities)]


def _by_layer(activations: Sequence[str], kept: Kept) -> tuple[list[str], list[list[str]]]:
    there = [q for q in _COLUMNS if q in kept]
    head = ["layer", "activation", *(title for q in there for title in _COLUMNS[q])]
    rows = [
        [
            str(n), "input" if n == 0 else activations[n - 1],
            *(cell for q in there for cell in _cells(q, kept[q].get(n))),
        ]
        for n in range(len(activations) + 1)
    ]  # fmt: skip
    return head, [row for row in rows if any(row[2:])]


def _cells(q: str, x: Array) -> list[str]:
    if x is None:
        return [""] * len(_COLUMNS[q])
    if q in ("z", "a"):
        return [number_text(mean(x)), f"({number_text(_spread(x))})"]
    if q in ("delta", "delta_a"):
        return [number_text(mean([norm(row) for row in x]))]
    return [number_text(norm(x)), number_text(mean(x))]


def _spread(x: Array) -> float:
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.std(x, dtype=np.float64))
