"""Curves over one axis as a small SVG, for displays in notebooks; ``cr.plot`` makes figures."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

Array = Any

WIDTH, HEIGHT, LEFT, BELOW = 420, 220, 70, 34
STROKES = ("#2f7ed8", "#e07b39")  # seen on light and on dark ground


def curve_svg(x: Array, y: Array, tangent: Array, names: tuple[str, str]) -> str:
    """The curve ``y`` over ``x`` and its tangent at 0, dashed; the frame is that of the curve.

    >>> curve_svg([0.0, 1.0], [0.0, 1.0], [0.0, 2.0], ("dz", "C")).count("polyline")
    2
    """
    order = np.argsort(np.ravel(x), kind="stable")
    xs, ys, line = (np.ravel(values)[order] for values in (x, y, tangent))
    low, high = float(np.min(ys)), float(np.max(ys))
    room = 0.08 * (high - low) or 0.08 * abs(high) or 1.0
    left, right = float(xs[0]), float(xs[-1])
    width, height = WIDTH - LEFT - 8, HEIGHT - BELOW - 8
    across = width * (xs - left) / ((right - left) or 1.0)

    def down(values: Array) -> Array:
        from_top = height * (1 - (values - low + room) / (high - low + 2 * room))
        return np.clip(from_top, -10 * height, 11 * height)  # what is far outside is not seen

    def points(values: Array) -> str:
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, down(values), strict=True))

    text = 'font-size="12" fill="currentColor"'
    touching = ""
    if left <= 0 <= right:
        cx, cy = (float(np.interp(0.0, xs, values)) for values in (across, down(ys)))
        touching = f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="4" fill="{STROKES[0]}"/>'
    legend = LEFT + 12 if ys[-1] >= ys[0] else LEFT + width - 72  # where the curve is not
    floor, middle = HEIGHT - BELOW, LEFT + width / 2
    top, bottom = 12 + float(down(np.float64(high))), 12 + float(down(np.float64(low)))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">
<rect x="{LEFT}" y="8" width="{width}" height="{height}" fill="none" stroke="currentColor"
 stroke-opacity="0.4"/>
<svg x="{LEFT}" y="8" width="{width}" height="{height}">
<polyline points="{points(line)}" fill="none" stroke="{STROKES[1]}" stroke-dasharray="5 4"/>
<polyline points="{points(ys)}" fill="none" stroke="{STROKES[0]}" stroke-width="2"/>
{touching}
</svg>
<text x="{legend}" y="26" font-size="12" fill="{STROKES[0]}">real</text>
<text x="{legend}" y="42" font-size="12" fill="{STROKES[1]}">predicted</text>
<text x="{LEFT}" y="{floor + 15}" {text}>{left:.3g}</text>
<text x="{middle}" y="{floor + 26}" text-anchor="middle" {text}>{escape(names[0])}</text>
<text x="{WIDTH - 8}" y="{floor + 15}" text-anchor="end" {text}>{right:.3g}</text>
<text x="{LEFT - 6}" y="{top:.1f}" text-anchor="end" {text}>{high:.4g}</text>
<text x="{LEFT - 6}" y="{height / 2 + 12}" text-anchor="end" {text}>{escape(names[1])}</text>
<text x="{LEFT - 6}" y="{bottom:.1f}" text-anchor="end" {text}>{low:.4g}</text>
</svg>"""
