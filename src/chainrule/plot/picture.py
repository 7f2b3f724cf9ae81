"""A matplotlib figure that a notebook displays by itself, whether pyplot was imported or not.

IPython knows how to display figures once pyplot has chosen its inline backend. One that is made
without pyplot would show as ``<Figure size ...>``; this one brings its picture along, with twice
the pixels that it is wide, for screens that have them. Imported only when something is drawn.
"""

from __future__ import annotations

from io import BytesIO

from matplotlib.figure import Figure


class Picture(Figure):
    """A Figure with a rich display; ``figure.savefig("x.svg")`` writes it to a file."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = (round(100 * inches) for inches in self.get_size_inches())
        file = BytesIO()
        self.savefig(file, format="png", dpi=200)  # pyright: ignore[reportUnknownMemberType]
        return file.getvalue(), {"width": width, "height": height}
