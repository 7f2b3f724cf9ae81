"""The derivation of a function as text, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.html import table
from chainrule.core.trace import type_of
from chainrule.insight.notation.expression import Constant, Symbol
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.styles import width
from chainrule.insight.notation.text import text

if TYPE_CHECKING:
    from chainrule.insight.derivations.edges import Contribution
    from chainrule.insight.derivations.function import FunctionDerivation
    from chainrule.insight.derivations.parts import CotangentSum, Row, Step

SMALL = 4  # entries of a vector whose numbers are shown
SHORT = 2  # letters of a result that stands in a quotient
MANY = 6  # arguments that are still listed in a call
HEAD = ("source", "forward", "reverse, read upwards")

Cells = tuple[str, str, str]


def number_text(value: Any) -> str:
    """The number of a scalar or small vector; "" of anything larger."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufc" or array.ndim > 1 or array.size > SMALL:
        return ""
    if array.ndim == 0:
        return _digits(array.item())
    return f"[{', '.join(_digits(x) for x in array.tolist())}]"


def _digits(x: Any) -> str:
    if isinstance(x, complex):
        return f"{x:.5g}".replace("j", "i")
    return str(x) if isinstance(x, (bool, int)) else f"{x + 0.0:.6g}"


def _equals(value: Any) -> str:
    shown = number_text(value)
    sign = ":" if np.asarray(value).dtype.kind == "b" else " ="  # x > 0: True
    return f"{sign} {shown}" if shown else ""


# ---- text ----------------------------------------------------------------------------------------


def as_text(d: FunctionDerivation) -> str:
    """Columns of source, forward and reverse; then the reverse sweep in its order."""
    parts = [title(d), "", *_columns([HEAD, *_all_cells(d.rows)])]
    parts += ["", sweep_title(d), *(_sum_text(s) for s in d.sweep), "", *notes(d)]
    return "\n".join(line.rstrip() for line in parts)


def title(d: FunctionDerivation) -> str:
    """``e = essay(a, b) at a = 2, b = 1``."""
    given = ", ".join(_described(s, x) for s, x in d.inputs)
    outputs = ", ".join(s.text for s in d.outputs)
    called = f"{d.name}({', '.join(s.text for s, _ in d.inputs)})"
    if not d.name or len(d.inputs) > MANY:
        called = d.name or outputs or "the function"
    elif outputs and outputs != d.name:
        called = f"{outputs} = {called}"
    return f"{called} at {given}"


def _described(symbol: Symbol, value: Any) -> str:
    return symbol.text + (_equals(value) or f": {symbol.type}")


def sweep_title(d: FunctionDerivation) -> str:
    """What the bars mean."""
    if len(d.outputs) == 1 and not d.drawn:
        y = d.outputs[0].text
        derivative = f"d{y}/dx" if len(y) <= SHORT else f"d {y} / dx"
        return f"Reverse sweep, in its order; x̄ is the cotangent of x, the derivative {derivative}"
    return "Reverse sweep, in its order; x̄ is the cotangent of x"


def _all_cells(rows: Sequence[Row]) -> Iterator[Cells]:
    for row in rows:
        yield from _row_cells(row)
        if row.left_out:
            yield ("", f"... {row.left_out:,} equations ...", "")


def _row_cells(row: Row) -> Iterator[Cells]:
    source = row.source
    if not row.steps and source:
        yield (source, "", "")
    for step in row.steps:
        reverse = [_contribution_text(c) for c in step.contributions] or [""]
        forward = [_step_text(step)] + [""] * (len(reverse) - 1)
        for left, right in zip(forward, reverse, strict=True):
            yield (source, left, right)
            source = ""
        yield from _body_cells(step)


def _body_cells(step: Step) -> Iterator[Cells]:
    """The graph that an equation holds, without numbers: they differ from turn to turn."""
    if not step.body:
        return
    yield ("", f"  {step.title}", "")
    for inner in step.body:
        for s in inner.steps:
            reverse = [str(c) for c in s.contributions] or [""]
            forward = [_equation_text(s)] + [""] * (len(reverse) - 1)
            for left, right in zip(forward, reverse, strict=True):
                yield ("", f"  {left}", f"  {right}")
            yield from (("", f"  {c[1]}", f"  {c[2]}") for c in _body_cells(s))


def _equation_text(step: Step) -> str:
    return f"{', '.join(s.text for s in step.left)} = {text(step.right[0])}"


def _step_text(step: Step) -> str:
    value = _equals(step.values[0]) if len(step.left) == 1 else ""
    return f"{_equation_text(step)}{value}"


def _contribution_text(c: Contribution) -> str:
    return f"{c}{_equals(c.added)}"


def _sum_text(s: CotangentSum) -> str:
    if not s.terms and s.is_input and not np.any(s.value):
        return f"{s.left.text} = 0: no derivative leads back to {s.of.text}"
    if not s.terms and not number_text(s.value):
        return f"{s.left.text} is given"
    return f"{s.left.text} = {_sum_right(s)}"


def _sum_right(s: CotangentSum) -> str:
    if not s.terms:
        return number_text(s.value) or "given"
    terms = _joined([_term(c) for c in s.terms])
    if s.hidden:
        terms += f" + ... ({s.hidden} more)"
    shown = [number_text(c.value) for c in s.terms]
    numbers = f" = {_joined(shown)}" if len(shown) > 1 and all(shown) and not s.hidden else ""
    return f"{terms}{numbers}{_equals(s.value)}"


def _term(c: Contribution) -> str:
    written = text(c.expression)
    return f"scatter{c.at('text')}({written})" if c.index is not None else written


def _joined(terms: Sequence[str]) -> str:
    """Terms of a sum, with a minus sign for those that begin with one."""
    signed = (f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in terms[1:])
    return terms[0] + "".join(signed)


def notes(d: FunctionDerivation) -> list[str]:
    """What the arrays are that stand in the equations, what was checked, and what is left out."""
    lines: list[str] = []
    if d.constants:
        lines.append(f"where {', '.join(_described(s, x) for s, x in d.constants)}")
    if d.drawn:
        bars = ", ".join(s.left.text for s in d.sweep if s.of in d.outputs)
        lines.append(f"Drawn at random: {bars}; the equations hold for any.")
    agreed = f"largest relative error {d.error:.0e}" if d.error else "without any difference"
    lines.append(f"Each line was checked with numbers, the sums against the gradient: {agreed}.")
    if not all(np.isfinite(s.value).all() for s in d.sweep):
        lines.append("A derivative that is not finite tells nothing: cr.find_nonfinite says why.")
    if d.left_out:
        lines.append(
            f"{d.left_out:,} of {d.equations:,} equations are left out; limit={d.equations} shows"
            " all."
        )
    return lines


def _columns(rows: Sequence[Cells]) -> list[str]:
    used = [i for i in range(3) if any(row[i] for row in rows[1:])]
    widths = {i: max(width(row[i]) for row in rows) for i in used}
    lines = ["  ".join(row[i] + " " * (widths[i] - width(row[i])) for i in used) for row in rows]
    return [lines[0], "  ".join("─" * widths[i] for i in used), *lines[1:]]


# ---- LaTeX ---------------------------------------------------------------------------------------


def as_latex(d: FunctionDerivation) -> str:
    """An array of source, forward and reverse, and the sweep as an aligned environment."""
    head = r"\text{source} & \text{forward} & \text{reverse}"
    lines = [" & ".join(cells) for cells in _all_latex(d.rows)]
    ruled = [rf"\hline {lines[0]}", *lines[1:]] if lines else []
    array = _environment("array", [head, *ruled], "{lll}")
    aligned = _environment("aligned", [*map(_sum_latex, d.sweep)])
    return _environment("gathered", [array, aligned])


def _environment(name: str, lines: Sequence[str], columns: str = "") -> str:
    body = " \\\\\n".join(lines)
    return f"\\begin{{{name}}}{columns}\n{body}\n\\end{{{name}}}"


def _all_latex(rows: Sequence[Row]) -> Iterator[Cells]:
    for row in rows:
        source = typewriter(row.source)
        if not row.steps and source:
            yield (source, "", "")
        for step in row.steps:
            value = _equals_latex(step.values[0]) if len(step.left) == 1 else ""
            forward = f"{_equation_latex(step)}{value}"
            for c in step.contributions or (None,):
                right = "" if c is None else _contribution_latex(c) + _equals_latex(c.added)
                yield (source, forward, right)
                source = forward = ""
            yield from _body_latex(step)
        if row.left_out:
            yield ("", rf"\cdots \text{{ {row.left_out} equations }} \cdots", "")


def _body_latex(step: Step) -> Iterator[Cells]:
    for inner in step.body:
        for s in inner.steps:
            forward = rf"\quad {_equation_latex(s)}"
            for c in s.contributions or (None,):
                yield ("", forward, "" if c is None else rf"\quad {_contribution_latex(c)}")
                forward = ""
            yield from _body_latex(s)


def _equation_latex(step: Step) -> str:
    return f"{', '.join(s.latex for s in step.left)} = {latex(step.right[0])}"


def _contribution_latex(c: Contribution) -> str:
    return rf"{c.to.latex}{c.at('latex')} \mathrel{{+}}= {latex(c.expression)}"


def _sum_latex(s: CotangentSum) -> str:
    value = _equals_latex(s.value)
    if not s.terms:
        given = value or r" \text{ given}"
        return f"{s.left.latex} &{given}"
    terms = [
        rf"\operatorname{{scatter}}{c.at('latex')}({latex(c.expression)})"
        if c.index is not None
        else latex(c.expression)
        for c in s.terms
    ]
    right = _joined(terms) + (r" + \cdots" if s.hidden else "")
    return f"{s.left.latex} &= {right}{value}"


def _equals_latex(value: Any) -> str:
    array = np.asarray(value)
    if not number_text(array):
        return ""
    if array.ndim == 0:
        return f" = {_number_latex(array.item())}"
    return f" = [{', '.join(map(_number_latex, array.tolist()))}]"


def _number_latex(x: Any) -> str:
    shown = _digits(x)
    plain = not isinstance(x, (bool, complex)) and "e" not in shown and "n" not in shown
    return shown if plain else latex(Constant(x, type_of(x)))


def typewriter(source: str) -> str:
    r"""Program text in a formula: spaces stay, and what TeX reads is escaped."""
    escaped = "".join(_ESCAPED.get(c, c) for c in source)
    return rf"\texttt{{{escaped}}}" if source else ""


_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "#": r"\#", "$": r"\$",
    "%": r"\%", "&": r"\&", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", " ": "~",
}  # fmt: skip


# ---- HTML ----------------------------------------------------------------------------------------


def as_html(d: FunctionDerivation) -> str:
    """A table of source, forward and reverse, and one of the reverse sweep."""
    first = table(HEAD, _grouped([*_all_cells(d.rows)]), title(d), monospace=True)
    second = table(
        ("cotangent", "sum over all uses"),
        [(s.left.text, _sum_right(s)) for s in d.sweep],
        sweep_title(d),
        monospace=True,
    )
    return "\n".join([first, second, *(f"<p>{escape(note)}</p>" for note in notes(d))])


def _grouped(cells: Sequence[Cells]) -> list[Cells]:
    """Cells with the equations of a line of the source in one row."""
    rows: list[list[str]] = []
    for cell in cells:
        if cell[0] or not rows:
            rows.append([*cell])
        else:
            rows[-1][1] += f"\n{cell[1]}"
            rows[-1][2] += f"\n{cell[2]}"
    return [(a, b.rstrip(), c.rstrip()) for a, b, c in rows]
