"""A matplotlib figure that a notebook displays by itself, whether pyplot was imported or not.

IPython knows how to display figures once pyplot has chosen its inline backend. One that is made
without pyplot would show as ``<Figure size ...>``; this one brings its picture along: twice the
pixels that it is wide, for screens that have them, and 256 colours, with which a notebook has a
third of the size. Imported only when something is drawn.
"""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

Bundle = tuple[dict[str, str], dict[str, dict[str, int]]]


class Picture(Figure):
    """A Figure with a rich display; ``figure.savefig("x.svg")`` writes it to a file."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        """The picture and its size; what pyplot's backend would show has no say in this form."""
        width, height = (round(100 * inches) for inches in self.get_size_inches())
        png = base64.b64encode(self._png()).decode()
        return {"image/png": png}, {"image/png": {"width": width, "height": height}}

    def _png(self) -> bytes:
        drawn, small = BytesIO(), BytesIO()
        self.savefig(drawn, format="png", dpi=200)  # pyright: ignore[reportUnknownMemberType]
        image = Image.open(drawn)
        if image.getextrema()[-1] != (255, 255):  # transparent paper has no place among 256 colours
            return drawn.getvalue()
        image.convert("RGB").quantize(256).save(small, "png", optimize=True)
        return small.getvalue()
