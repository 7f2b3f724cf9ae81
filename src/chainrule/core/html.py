"""Tables in HTML, for displays in notebooks and on pages: texts, and no colours of their own.

What is displayed inherits the colours of what is around it, light or dark. A result with
``_repr_html_`` writes its tables here, so that all of them look alike and every text is escaped.
``columns.py`` is the same for terminals.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_CELL = "vertical-align:top;white-space:pre;padding:0.15em 0.6em"
_LEFT = f"text-align:left;{_CELL}"
_MONOSPACE = "font-family:monospace"
_NUMERALS = "font-variant-numeric:tabular-nums"  # digits of one width


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str = "",
    *,
    monospace: bool = False,
) -> str:
    """An HTML table of texts. Columns of numbers stand on the right; line breaks are kept.

    Args:
        head: one heading for each column.
        rows: one text for each column; the first names its row.
        caption: a line above the table.
        monospace: everything is as in a terminal, for lines of programs and equations.

    >>> print(table(["layer", "norm"], [["1", "0.5"], ["a & b", "-1e-3"]], "Errors"))
    <table>
    <caption style="...">Errors</caption>
    <thead><tr><th ...>layer</th><th ...>norm</th></tr></thead>
    <tbody>
    <tr><th ...>1</th><td ...>0.5</td></tr>
    <tr><th ...>a &amp; b</th><td ...>-1e-3</td></tr>
    </tbody>
    </table>
    """
    styles = [
        f"{_LEFT};{_MONOSPACE};font-weight:normal" if monospace else _style([r[i] for r in rows])
        for i in range(len(head))
    ]
    lines = ["<table>"]
    if caption:
        style = "caption-side:top;text-align:left;font-weight:bold"
        lines.append(f'<caption style="{style}">{escape(caption)}</caption>')
    lines.append(f"<thead>{_row(head, styles, 'th')}</thead>")
    lines.append("<tbody>")
    lines += [_row(row, styles, "td") for row in rows]
    return "\n".join([*lines, "</tbody>", "</table>"])


def folded(summary: str, content: str, *, unfolded: bool = False) -> str:
    """HTML ``content`` that a click on the text ``summary`` unfolds.

    >>> print(folded("layer 1", "<p>...</p>"))
    <details><summary>layer 1</summary>
    <p>...</p>
    </details>
    """
    start = "<details open>" if unfolded else "<details>"
    return f"{start}<summary>{escape(summary)}</summary>\n{content}\n</details>"


def _row(cells: Sequence[str], styles: Sequence[str], kind: str) -> str:
    heads = ["th", *[kind] * (len(styles) - 1)]
    filled = [
        f'<{tag} style="{style}">{escape(cell)}</{tag}>'
        for tag, style, cell in zip(heads, styles, cells, strict=True)
    ]
    return f"<tr>{''.join(filled)}</tr>"


def _style(cells: Sequence[str]) -> str:
    """How a column is set: numbers right, texts left, lines of numbers under each other."""
    numbers = any(cells) and all(_is_number(cell) for cell in cells if cell)
    align = "right" if numbers else "left"
    font = _MONOSPACE if any("\n" in cell for cell in cells) else _NUMERALS
    return f"text-align:{align};{_CELL};{font}"


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "").removesuffix("%").strip())
    except ValueError:
        return cell in ("-", "–")
    return True
