"""Examples with all that one sweep forward and one sweep back tell of them.

Every question of the demon begins here: what would the cost be if weighted inputs of one layer were
others? The forward values are kept, so only the layers from there on are computed again, for many
answers at once. What can be moved is in ``moves.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.core.errors import DataError
from chainrule.core.trace import Trace
from chainrule.insight.rows import rows_for
from chainrule.insight.subject import subject_of
from chainrule.nn.activations import identity
from chainrule.nn.stack import GivenCost, Stack, stack_of
from chainrule.ops.reductions import sum_p
from chainrule.transforms.recording import record
from chainrule.transforms.vjp import pull_back

Array = Any

AT_ONCE = 2**21  # entries of the widest layer in one sweep: 16 MB


@dataclass(frozen=True, eq=False)
class Swept:
    """Rows ``X`` with targets ``Y``, and what a stack of layers makes of them. Layers from 1.

    ``delta[l]`` is dC_x/dz[l] for each example, ``delta[0]`` is dC_x/dx; ``costs`` are C_x. All is
    float64: the gap of a prediction is a small difference of nearly equal numbers, which would
    drown in the rounding of float32.
    """

    stack: Stack
    X: Array
    Y: Array
    z: dict[int, Array]
    a: dict[int, Array]
    delta: dict[int, Array]
    costs: Array

    @property
    def cost(self) -> float:
        """The mean cost C."""
        return float(self.costs.mean() + 0.0)  # of -0.0, 0.0

    def moved(self, layer: int, steps: Array, shift: Callable[[Array], Array]) -> Array:
        """The mean cost for each step, where rows ``z[layer] + shift(step)`` take z's place.

        ``shift`` takes some of the steps and gives (steps, examples or 1, n_layer). Layer 0 are
        the inputs themselves. One batched sweep from that layer on, or several if memory is short.
        """
        start = self.X if layer == 0 else self.z[layer]
        together = max(1, AT_ONCE // (len(start) * max(self.stack.sizes[layer:])))
        parts = [
            self._mean_costs(layer, start + shift(steps[i : i + together]))
            for i in range(0, len(steps), together)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _mean_costs(self, layer: int, moved: Array) -> Array:
        """The mean cost for each of several batches (steps, examples, n_layer)."""
        stack, (steps, examples, width) = self.stack, moved.shape
        z = moved.reshape(-1, width)
        for n in range(layer + 1, stack.depth + 1):
            a = stack.prepare(z) if n == 1 else stack.activations[n - 1](z)
            z = a @ stack.weights[n].T + stack.biases[n]
        # A cost that is computed from z needs no outputs
        a = z if stack.is_fused else stack.activations[stack.depth](z)
        Y = np.broadcast_to(self.Y, (steps, *self.Y.shape)).reshape(len(z), -1)
        return np.mean(stack.costs(z, a, Y).reshape(steps, examples), axis=1)


def swept(model: Any, x: Array, y: Array, params: Any, cost: GivenCost) -> Swept:
    """Sweep over examples: one as (n,) or (n, 1), several as rows; targets are rows or classes."""
    subject = subject_of(model, params, cost)
    stack = _in_float64(stack_of(subject.model, subject.params, subject.cost))
    X, Y = (_kept(rows, stack.dtype) for rows in rows_for(stack, x, y))
    return swept_stack(stack, X, Y)


def swept_stack(stack: Stack, X: Array, Y: Array) -> Swept:
    """Sweep over rows ``X`` with target rows ``Y``, all in float64."""

    def forward(rows: Array, *biases: Array) -> Any:
        z, a, costs = stack.forward(rows, Y, biases=dict(enumerate(biases, start=1)))
        return (sum_p(costs, axes=(0,)), costs, list(z.values()), list(a.values()))

    # With traced biases each z is traced, also behind an activation that is piecewise constant
    leaves = [X, *stack.biases.values()]
    recording = record(forward, leaves, trace=Trace(differentiates=True))
    outputs, depth = recording.outputs, stack.depth
    if not np.all(np.isfinite(outputs[1])):
        raise _not_finite(outputs[1])
    seeds = [np.ones((), stack.dtype), *[None] * (len(outputs) - 1)]
    # The input is the first variable of the recording
    pulled = pull_back(recording, seeds, [0, *recording.output_indices[2 : 2 + depth]])
    zeros = [np.zeros_like(v) for v in [X, *outputs[2 : 2 + depth]]]
    delta = [zero if ct is None else ct for ct, zero in zip(pulled, zeros, strict=True)]
    z = dict(enumerate(outputs[2 : 2 + depth], start=1))
    a = dict(enumerate(outputs[2 + depth :]))
    return Swept(stack, X, Y, z, a, dict(enumerate(delta)), outputs[1])


def _not_finite(costs: Array) -> DataError:
    first = int(np.flatnonzero(~np.isfinite(costs))[0])
    which = "" if len(costs) == 1 else f" of example {first}"
    return DataError(
        f"the cost{which} is {costs[first]}, so no change of it can be seen; the first number that"
        " is not finite is found by cr.find_nonfinite. A cost of probabilities that vanish is"
        ' finite where it is computed from z: cost="log-likelihood" with softmax, "cross-entropy"'
        " with sigmoid"
    )


def begins_as_it_is(stack: Stack) -> bool:
    """Whether nothing happens to the input before layer 1, so that z[1] is linear in it."""
    return stack.prepare is identity


def _in_float64(stack: Stack) -> Stack:
    dtype = np.result_type(stack.dtype, np.float64)
    return replace(
        stack,
        weights={n: _kept(w, dtype) for n, w in stack.weights.items()},
        biases={n: _kept(b, dtype) for n, b in stack.biases.items()},
    )


def _kept(array: Array, dtype: Any) -> Array:
    """A copy that nobody writes to: training may go on in place."""
    copy = np.array(array, dtype)
    copy.setflags(write=False)
    return copy
