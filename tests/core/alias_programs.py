"""Random straight-line programs over a few arrays that share memory, as Python text.

A program is a list of statements, each made of a template below with names of arrays that exist by
then. It is built by running it on plain NumPy: what NumPy refuses, or what grows out of bounds, is
left out. So a failing program can be read, and pasted into a file.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = tuple[int, int, int, int]  # template, two names, a variant

VIEWS = (
    "{new} = {a}[1:]", "{new} = {a}[:-1]", "{new} = {a}[::-1]", "{new} = {a}[::2]",
    "{new} = {a}[0]", "{new} = {a}[-1]", "{new} = {a}[..., 0]", "{new} = {a}[..., 1:]",
    "{new} = {a}[None]",
    "{new} = {a}[...]", "{new} = {a}", "{new} = {a}.view()", "{new} = {a}.reshape(-1)",
    "{new} = {a}.reshape(2, -1)", "{new} = {a}.reshape(-1, 3)", "{new} = {a}.ravel()",
    "{new} = {a}.T", "{new} = np.swapaxes({a}, 0, -1)", "{new} = np.moveaxis({a}, -1, 0)",
    "{new} = {a}.squeeze()", "{new} = np.expand_dims({a}, 1)", "{new} = np.atleast_2d({a})",
    "{new} = np.atleast_3d({a})", "{new} = np.flip({a}, 0)", "{new} = np.fliplr({a})",
    "{new} = np.rot90({a})", "{new} = np.split({a}, 2)[{k}]", "{new} = np.array_split({a}, 2)[{k}]",
    "{new} = np.hsplit({a}, 2)[{k}]", "{new} = {a}.real", "{new} = [*{a}][{k}]",
    "{new}, *rest = {a}", "{new} = {a}.diagonal()", "{new} = np.broadcast_to({a}, (2, *{a}.shape))",
    "{new} = {a}.mT", "{new} = np.transpose({a})",
)  # fmt: skip
COPIES = (
    "{new} = {a}.copy()", "{new} = np.sin({a})", "{new} = {a} + {b}", "{new} = {a}[[0, -1]]",
    "{new} = {a}[{a} > 0]", "{new} = {a}.flatten()", "{new} = np.sort({a}, axis=0)",
    "{new} = np.concatenate([{a}, {b}])", "{new} = np.stack([{a}, {b}])", "{new} = +{a}",
    "{new} = {a} * 0.5", "{new} = np.zeros_like({a})", "{new} = {a}.astype(float)",
    "{new} = np.roll({a}, 1)", "{new} = {a} @ {b}", "{new} = {a}.sum(axis=0)",
    "{new} = np.where({a} > 0, {a}, -{a})", "{new} = {a}.take([0, 1, 0])",
    "{new} = np.cumsum({a}, axis=-1)", "{new} = copy.deepcopy({a})", "{new} = np.tanh({a}).T",
)  # fmt: skip
WRITES = (
    "{a}[0] = {b}[-1]", "{a}[1:] = {a}[:-1]", "{a}[:-1] = {a}[1:]", "{a}[:] = {a}[::-1]",
    "{a}[[0, 1]] = {a}[[1, 0]]", "{a}[[0, 0, 1]] += 0.5", "{a}[{a} > 0.1] *= 0.5",
    "{a}[{a} < 0] = 0.25", "{a} += {a}.T", "{a} += {b}", "{a} *= {b}", "{a} -= {b}[::-1] * 0.5",
    "{a} *= 0.5", "{a} += 1.0", "{a} **= 2", "{a} /= 3.0", "{a}[1:] += {b}[:-1]",
    "{a}[::2] -= {b}[::2] * 0.25", "{a}[...] = {b}", "{a}[:] = np.cos({a})", "{a}[..., -1] = {b}",
    "{a}[..., 0] *= {b}[0]", "{a}[:, 1] = {b}[0]", "{a}[-1] += {a}[0]", "{a}.T[0] = 0.75",
    "{a}.T[...] = {b}", "{a}.flat[1:3] = {b}.flat[:2]", "{a}.flat[::2] = 0.1",
    "{a}.flat = {b} * 1.0",
    "{a}.fill(0.3)", "{a}.fill({b}.flat[0])", "{a}.sort()", "{a}.sort(axis=0)", "{a}.partition(1)",
    "{a}.put([0, 2], {b}.flat[:2])", "np.put({a}, [1], 0.6)", "{a}.shape = (-1,)",
    "{a}.shape = {a}.shape[::-1]", "np.sin({a}, out={b})", "np.add({a}, {b}, out={a})",
    "np.multiply({a}, {a}, {b})", "np.exp(-{a} * {a}, out={a}, where={a} > 0)",
    "np.add.at({a}, [0, 0, 1], 0.5)", "np.add.at({a}, ([0, 1], [1, 1]), {b}[0, 0])",
    "np.subtract.at({a}, slice(1, None), {b}[0])", "np.multiply.at({a}, [1, 1], 0.5)",
    "np.maximum.at({a}, [0, 1, 0], {b}[0])", "np.sum({a}, axis=0, out={b})",
    "np.cumsum({a}, axis=0, out={b})", "np.subtract.accumulate({a}, out={b})",
    "np.clip({a}, -0.5, 0.5, out={a})", "np.concatenate([{a}, {b}], out={b})",
    "np.dot({a}, {b}, out={a})", "np.copyto({a}, {b})", "np.fill_diagonal({a}, 0.4)",
    "np.place({a}, {a} > 0.2, [0.1, 0.2])", "np.putmask({a}, {a} > 0.2, {b})",
    "np.put_along_axis({a}, np.argmax({a}, axis=0, keepdims=True), 0.0, axis=0)",
    "{a}.real = {b}", "for row in {a}: row *= 0.5", "for row in {a}: row[:] = row[::-1]",
    "for i in range(len({a})): {a}[i] -= {b}[i] * 0.5", "{a}[0], {a}[1] = {a}[1], {a}[0]",
    "{a}[0], {a}[1] = {a}[1].copy(), {a}[0].copy()", "{a}, {b} = {b}, {a}", "{a} = {a} * 0.9",
    "{a}[1] = [{b}[0], 0.5, {a}[0]]", "{a}[1:, None] = {b}", "{a} @= {b}",
    "np.fmax.reduce({a}, axis=0, out={b})", "np.matmul({a}, {b}, out={b})",
    "np.modf({a}, out=({a}, None))", "np.round({a}, 1, out={b})",
)  # fmt: skip
TEMPLATES = VIEWS + COPIES + WRITES + WRITES  # writes half of the time
STARTS: dict[str, Callable[[Any], Any]] = {
    "matrix": lambda v: v[:9].reshape(3, 3) * 1.0,
    "wide": lambda v: v.reshape(2, 6) * 1.0,
    "Fortran": lambda v: (v.reshape(4, 3) * 1.0).T,
    "box": lambda v: v.reshape(2, 3, 2) * 1.0,
    "vector": lambda v: v * 1.0,
}
MOST_NAMES, MOST_SIZE, BOUND = 7, 40, 1e3


@dataclass(frozen=True)
class AliasProgram:
    """Statements on an array ``x0`` that is made of a vector, and the arrays made of it."""

    start: str
    statements: tuple[str, ...]

    def __call__(self, v: Any) -> list[Any]:
        """What all names hold in the end."""
        space = {"np": np, "copy": copy, "x0": STARTS[self.start](v)}
        for statement in self.statements:
            exec(statement, space)
        return arrays(space)

    def __repr__(self) -> str:
        return "\n".join((f"x0 = {self.start}", *self.statements))


def arrays(space: dict[str, Any]) -> list[Any]:
    """The named arrays in the order in which they were made."""
    return [space[name] for name in sorted(n for n in space if n[0] == "x" and n[1:].isdigit())]


def build(start: str, steps: list[Step], v: Any) -> AliasProgram:
    """The program of those steps that NumPy runs, with finite results of a modest size."""
    done: list[str] = []
    for template, a, b, k in steps:
        count = len(AliasProgram(start, tuple(done))(v.copy()))
        names = {"a": f"x{a % count}", "b": f"x{b % count}", "new": f"x{min(count, MOST_NAMES)}"}
        statement = TEMPLATES[template % len(TEMPLATES)].format(**names, k=k % 2)
        if runs(AliasProgram(start, (*done, statement)), v):
            done.append(statement)
    return AliasProgram(start, tuple(done))


def runs(program: AliasProgram, v: Any) -> bool:
    try:
        with np.errstate(all="ignore"):
            results = program(v.copy())
    except (ValueError, IndexError, TypeError, AttributeError):
        return False
    return all(
        np.size(r) <= MOST_SIZE and np.all(np.abs(r) < BOUND) and np.asarray(r).dtype == np.float64
        for r in results
    )
