"""Where the error of one example is largest: the neuron that a page opens at.

On a network that has learned, most errors are rounding noise; the largest one is worth a look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.nn.record import Record


@dataclass(frozen=True)
class LargestErrors:
    """The neurons with the largest ``|delta|`` of the first example of a record.

    Attributes:
        layer: the layer that has the largest of all, the first of several.
        neurons: the neuron of each layer, the first of several.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> record = net.record(np.array([[0.5, 1.0]]), np.array([[0.0]]))
    >>> largest_errors(record)
    LargestErrors(layer=2, neurons={1: 1, 2: 0})
    """

    layer: int
    neurons: dict[int, int]


def largest_errors(record: Record) -> LargestErrors:
    """The largest errors; what is no number counts as 0."""
    sizes = {n: np.nan_to_num(np.abs(delta[0])) for n, delta in record.delta.items()}
    return LargestErrors(
        layer=max(sizes, key=lambda n: float(sizes[n].max())),
        neurons={n: int(np.argmax(size)) for n, size in sizes.items()},
    )
