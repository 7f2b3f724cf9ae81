"""Rules on neurons: saturated layers, outputs stuck at the wrong end, dead and equal neurons."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.insight.diagnosis.case import PART, CannotJudge, Case
from chainrule.insight.diagnosis.finding import Rule, Severity, Verdict
from chainrule.insight.diagnosis.words import count, listing, percent
from chainrule.insight.neurons import MOSTLY, LayerNeurons
from chainrule.insight.slopes import slope_at, slope_of

Array = Any
_EXAMPLES = 30
_SATURATED = 0.5  # of a layer's activations: warning
_PASSED = 0.1  # of the largest slope, in the mean over a layer's activations: warning
_STUCK = 0.5  # of a layer's neurons saturated for nearly all examples: illness
_WRONG = {"illness": 0.2, "warning": 0.05}  # of the examples, wrong and saturated
_DEAD = {"illness": 0.5, "warning": 0.1}  # of a layer's neurons


# ---- saturated layers ----------------------------------------------------------------------------


def _enough(case: Case) -> None:
    """A neuron that is seldom on looks dead on a few examples."""
    if len(case.costs) < _EXAMPLES:
        n = count(len(case.costs), "example")
        raise CannotJudge(f"{n} cannot tell of a neuron; it takes {_EXAMPLES}")


def _saturated(case: Case) -> Verdict:
    _enough(case)
    layers = {
        n: layer
        for n, layer in case.neurons.layers.items()
        if n < case.network.depth and layer.slope is not None and layer.slope.flat == "both sides"
    }
    if not layers:
        raise CannotJudge("no hidden layer has an activation that is flat on both sides")
    shares = {n: layer.saturated_share or 0.0 for n, layer in layers.items()}
    stuck = {n: float((_all_of(layer.saturated) >= MOSTLY).mean()) for n, layer in layers.items()}
    passed = {n: float(_all_of(layer.steepness).mean()) for n, layer in layers.items()}
    numbers = {"saturated": shares, "neurons_almost_always": stuck, "mean_slope": passed}
    worst = max(layers, key=lambda n: (stuck[n], shares[n]))
    severity: Severity = "healthy"
    if stuck[worst] >= _STUCK:
        severity = "illness"
    elif flat := [n for n in layers if shares[n] > _SATURATED and passed[n] < _PASSED]:
        severity, worst = "warning", min(flat, key=lambda n: passed[n])
    else:
        worst = max(layers, key=lambda n: shares[n])
    return Verdict(
        severity, _saturated_sentence(layers, worst, severity, numbers), numbers,
        "" if severity == "healthy" else
        "smaller weights into the layer: init='scaled' (or 'glorot') for a new network, l2 for this"
        " one; inputs of size 1",
    )  # fmt: skip


def _saturated_sentence(
    layers: dict[int, LayerNeurons], n: int, severity: Severity, numbers: dict[str, Any]
) -> str:
    share, stuck, passed = (numbers[key][n] for key in numbers)
    if severity == "healthy":
        return (
            f"at most {percent(share)} of the activations of a hidden layer (layer {n}, where"
            f" {percent(passed)} of the largest slope is left on average)"
        )
    others = [m for m in layers if m != n and numbers["mean_slope"][m] < _PASSED]
    also = f". The same goes for layer {listing(others)}" if others else ""
    always = round(stuck * len(layers[n].mean))
    return (
        f"Layer {n} ({layers[n].activation}) is saturated: {percent(share)} of its activations,"
        f" {always} of its {count(len(layers[n].mean), 'neuron')} for nearly every example. On"
        f" average {percent(passed)} of the largest slope is left, and so much of an error"
        f" passes{also}."
    )


def _all_of(x: Array | None) -> Array:
    return np.zeros(0) if x is None else x


# ---- outputs at the wrong end --------------------------------------------------------------------


def _stuck_outputs(case: Case) -> Verdict:
    stack = case.network
    f = stack.activations[stack.depth]
    slope = slope_of(f)
    if slope is None or slope.flat != "both sides":
        raise CannotJudge(f"the output activation {f.__name__} is not flat on both sides")
    if stack.is_fused:
        return Verdict(
            "healthy",
            f"the cost {stack.cost.name} cancels the slope of the outputs: their errors are a - y",
            {"fused": True},
        )
    z, a = stack.activate(case.X)
    flat = slope_at(f, z[stack.depth]) < PART * slope.largest
    far = np.abs(a[stack.depth] - case.Y) > 0.5 * (slope.high - slope.low)
    wrong, stuck = np.any(far, axis=1), np.any(far & flat, axis=1)
    share = float(stuck.mean())
    numbers: dict[str, Any] = {
        "wrong": int(wrong.sum()),
        "wrong_and_saturated": int(stuck.sum()),
        "share": share,
    }
    mostly = stuck.sum() > 0.5 * wrong.sum()
    levels: list[Severity] = [s for s in ("illness", "warning") if share >= _WRONG[s]]
    severity: Severity = levels[0] if mostly and levels else "note" if mostly else "healthy"
    sentence = (
        f"{count(numbers['wrong'], 'example')} of {len(wrong):,} have an output on the wrong side,"
        f" {numbers['wrong_and_saturated']:,} of them saturated there"
    )
    if severity == "healthy":
        return Verdict(severity, sentence, numbers)
    return Verdict(
        severity,
        f"{sentence}: the slope takes nearly all of their error away, so the network learns least"
        " where it is most wrong.",
        numbers,
        "a cost that cancels the slope: cross-entropy for sigmoid outputs, log-likelihood for"
        " softmax",
    )


# ---- dead, constant and equal neurons ------------------------------------------------------------


def _dead(case: Case) -> Verdict:
    _enough(case)
    dead = _dead_of_record(case) if case.stack is None else _dead_of_network(case)
    if not dead:
        raise CannotJudge("no hidden layer acts on each neuron by itself")
    sizes = {n: len(flags) for n, flags in dead.items()}
    found = {n: np.flatnonzero(flags).tolist() for n, flags in dead.items() if flags.any()}
    numbers = {"dead": found, "neurons": sizes, "examples": len(case.costs)}
    if not found:
        total = sum(sizes.values())
        return Verdict(
            "healthy", f"none of {count(total, 'hidden neuron')}", numbers
        )  # fmt: skip
    n = max(found, key=lambda n: len(found[n]) / sizes[n])
    part = len(found[n]) / sizes[n]
    severity: Severity = "note"
    if part >= _DEAD["warning"]:
        severity = "illness" if part >= _DEAD["illness"] else "warning"
    where = [f"{len(places)} of {sizes[m]} in layer {m}" for m, places in found.items()]
    blocked = " Nothing passes that layer, so no layer below it learns." if part == 1 else ""
    return Verdict(
        severity,
        f"Dead neurons: {listing(where)} have no slope for any of"
        f" {count(len(case.costs), 'example')} and learn nothing (layer {n}:"
        f" {listing(found[n])}).{blocked}",
        numbers,
        "a smaller eta and biases that start at 0 or above keep neurons alive; leaky_relu lets"
        " errors through everywhere; dead neurons may also be left out",
    )


def _dead_of_network(case: Case) -> dict[int, Array]:
    layers = case.neurons.layers.items()
    return {n: x.dead for n, x in layers if n < case.network.depth and x.dead is not None}


def _dead_of_record(case: Case) -> dict[int, Array]:
    """Hidden neurons that get an error, but let none of it through for any example."""
    if case.delta_a is None:
        raise CannotJudge("the record does not hold delta_a")
    return {
        n: np.any(np.asarray(case.delta_a[n]) != 0, axis=0)
        & np.all(np.asarray(case.delta[n]) == 0, axis=0)
        for n in case.delta
        if n < max(case.delta)
    }


def _constant(case: Case) -> Verdict:
    _enough(case)
    layers = {n: x for n, x in case.neurons.layers.items() if n < case.network.depth}
    if not layers:
        raise CannotJudge("there is no hidden layer")
    found = {
        n: np.flatnonzero(x.constant & (x.saturated is None or x.saturated < 1)).tolist()
        for n, x in layers.items()
    }
    found = {n: places for n, places in found.items() if places}
    numbers = {"constant": found}
    if not found:
        return Verdict("healthy", "every hidden neuron with a slope tells examples apart", numbers)
    worst = max(found, key=lambda n: len(found[n]) / len(layers[n].mean))
    where = [f"{len(places)} of {len(layers[n].mean)} in layer {n}" for n, places in found.items()]
    whole = len(found[worst]) == len(layers[worst].mean)
    return Verdict(
        "illness" if whole else "warning",
        f"Neurons with the same activation for every example: {listing(where)}."
        + (f" Layer {worst} says nothing of the input." if whole else " They act as biases."),
        numbers,
        "look at the inputs (are they all equal?) and at weights that are 0; draw weights anew",
    )


def _equal(case: Case) -> Verdict:
    stack = case.network
    hidden = range(1, stack.depth)
    if not hidden:
        raise CannotJudge("there is no hidden layer")
    groups = {n: _copies(stack.weights[n], stack.biases[n], stack.weights[n + 1]) for n in hidden}
    found = {n: copies for n, copies in groups.items() if copies}
    if not found:
        return Verdict("healthy", "no two neurons of a layer have the same weights", {"equal": {}})
    n = max(found, key=lambda n: found[n] / len(stack.biases[n]))
    size = len(stack.biases[n])
    where = [f"{found[m]} of {len(stack.biases[m])} in layer {m}" for m in found]
    return Verdict(
        "illness" if found[n] == size - 1 else "warning",
        f"Neurons that are copies of others, with the same weights in and out: {listing(where)}."
        " They get the same gradients and stay copies for ever.",
        {"equal": found},
        "draw the weights at random (any of the initialisers) instead of setting them to one value",
    )


def _copies(into: Array, biases: Array, out: Array) -> int:
    """How many neurons repeat another one, not counting those that nothing leads to or from."""
    rows = np.column_stack([into, biases, out.T])
    return len(rows) - len(np.unique(rows, axis=0))


RULES = (
    Rule(
        "saturated layers",
        _saturated,
        f"slope below {percent(PART)} of the largest for more than half of a layer's activations,"
        f" and in the mean below {percent(_PASSED)}: warning; below {percent(PART)} for"
        f" {percent(MOSTLY)} of the examples in at least half of the neurons: illness",
        "Glorot and Bengio 2010, section 3; Nielsen, chapter 3, weight initialization",
    ),
    Rule(
        "stuck outputs",
        _stuck_outputs,
        "more than half of the outputs on the wrong side saturated there: note; in 5% of all"
        " examples: warning, in 20%: illness",
        "Nielsen, chapter 3, the cross-entropy cost function",
    ),
    Rule(
        "dead neurons",
        _dead,
        f"any hidden neuron without slope on all examples: note; {percent(_DEAD['warning'])} of a"
        f" layer: warning, {percent(_DEAD['illness'])}: illness",
        "Maas, Hannun and Ng 2013; Lu, Shin, Su and Karniadakis 2019",
    ),
    Rule(
        "constant neurons",
        _constant,
        "any hidden neuron with the same activation for all examples that is not saturated:"
        " warning; a whole layer: illness",
        "Lu, Shin, Su and Karniadakis 2019 (a network that has become constant)",
    ),
    Rule(
        "equal neurons",
        _equal,
        "any neuron equal to another in all its weights: warning; a whole layer: illness",
        "Rumelhart, Hinton and Williams 1986, symmetry breaking; Goodfellow, Bengio and Courville"
        " 2016, section 8.4",
    ),
)
