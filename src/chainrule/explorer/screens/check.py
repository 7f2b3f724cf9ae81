"""What the screen "Check" asks: gradients, right ones and wrong ones, against differences."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from chainrule.checking.gradients import check_gradients
from chainrule.checking.parameters import ArgumentErrors, ParameterError, report_of
from chainrule.checking.quotients import Quotients
from chainrule.checking.step_size import difference_quotients
from chainrule.core.errors import ArgumentError, GradientError
from chainrule.explorer.checked.checks import SMALL, Case
from chainrule.explorer.checked.planted import MISTAKES, program_of
from chainrule.explorer.checked.symptoms import symptom
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session

Plain = Any
Array = Any

EXAMPLES = "10"
FUNCTION = "f*"  # before the name of a function, where the page's address says what is checked
WORST = 8
EDGES = np.arange(-16.0, 2.5, 0.5)  # of the histogram: powers of ten of the relative error
STEPS = tuple(10.0 ** (-k / 4) for k in range(65))
_PARAMETER = re.compile(r"([wb])([1-9][0-9]{0,3})((?:\*[0-9]{1,6}){1,2})", re.ASCII)


def choices(session: Session) -> Plain:
    """The mistakes that can be planted, the small network, and the functions."""
    return {
        "mistakes": {name: mistake.title for name, mistake in MISTAKES.items()},
        "small": SMALL,
        "functions": tuple(session.functions),
    }


def compare(
    session: Session, *, subject: str, step: int, example: str, examples: int, every: bool,
    mistake: str,
) -> Plain:  # fmt: skip
    """A gradient against the difference quotients, parameter by parameter.

    Args:
        subject: "network" or "small".
        step, example: where; the mini-batch begins with the example.
        examples: how many are in the mini-batch.
        every: all parameters, or a sample.
        mistake: "" checks the engine's gradient; else that of ``checked/planted.py``.
    """
    case = session.case(subject, step, example, examples)
    analytic = case.gradient(mistake)
    quotients = session.quotients(subject, step, example, examples, every)
    names = [f"{kind}{n}" for kind, n in case.shapes]
    report = report_of(quotients, analytic, names, WORST)
    compared = list(case.compared(quotients, analytic))
    return {
        "parameters": report.parameters,
        "checked": report.checked,
        "wrong": report.wrong,
        "step": report.step,
        "symptom": symptom(compared, examples),
        "arrays": [
            _array(found, each.ratio)
            for found, each in zip(report.arguments, compared, strict=True)
        ],
        "worst": [_offender(w) for w in report.worst],
        "histogram": _histogram(quotients, analytic),
        "images": _images(case, quotients, analytic),
        "tile": _tile(session, case, subject),
    }


def _array(found: ArgumentErrors, ratio: float | None) -> Plain:
    """One array of parameters; ``ratio`` is the one factor by which all of it are off."""
    return {
        "name": found.name, "shape": found.shape, "checked": found.checked,
        "wrong": found.wrong, "unclear": found.unclear, "gap": found.largest_gap,
        "derivative": found.largest_derivative, "ratio": ratio,
    }  # fmt: skip


def _offender(w: ParameterError) -> Plain:
    return {
        "name": _address(w.name), "analytic": w.analytic, "numeric": w.numeric,
        "gap": w.gap, "allowed": w.allowed, "wrong": not w.agrees,
    }  # fmt: skip


def stop(session: Session) -> Plain:
    """Stop the check that is under way."""
    session.stop_checking.set()
    return {}


def function(session: Session, *, function: str) -> Plain:
    """The derivatives of a function of the graph screen, computed in every way and compared."""
    if function not in session.functions:
        known = ", ".join(session.functions)
        raise ArgumentError(f"there is no function {function!r} to check; there are {known}")
    subject = session.functions[function]
    try:
        report = check_gradients(subject.f, *subject.args, executor="interpreter")
    except GradientError as error:
        return {"agrees": False, "text": str(error), "comparisons": []}
    return {
        "agrees": True,
        "text": str(report),
        "numbers": report.numbers,
        "comparisons": [
            {"order": c.order, "ways": c.ways, "gap": c.gap, "allowed": c.allowed}
            for c in report.comparisons
        ],
        "differences": report.differences,
        "notes": report.notes,
    }


def code(session: Session, *, subject: str, step: int, mistake: str) -> Plain:
    """The program of a mistake, and the lines that the mistake is in."""
    stack = session.case(subject, step, "0", 1).stack
    program = program_of(mistake, stack.is_fused)
    return {
        "lines": program.text.split("\n"),
        "wrong": [{"line": i, "right": right} for i, right in program.wrong.items()],
    }


def curve(
    session: Session, *, subject: str, step: int, example: str, examples: int, mistake: str,
    parameter: str,
) -> Plain:  # fmt: skip
    """Difference quotients of one parameter over their step, in double and in single precision.

    Args:
        parameter: ``"w1*3*402"`` or ``"b2*7"``; "" that with the largest derivative.
    """
    case = session.case(subject, step, example, examples)
    name, kind, layer, index = _parameter(case, parameter)
    derivative = float(_entry(case, case.gradient(mistake), kind, layer, index))
    answer: dict[str, Any] = {"parameter": name, "derivative": derivative, "steps": list(STEPS)}
    for precision, dtype in (("double", np.float64), ("single", np.float32)):
        along = partial(_cost_at, _in(case, dtype), kind, layer, index)
        forward, central = difference_quotients(along, STEPS)
        scale = abs(derivative) or 1.0
        error = np.abs(central - derivative) / scale
        answer[precision] = {
            "quotient": [float(q) for q in central],
            "error": [float(e) for e in error],
            "forward": [float(e) for e in np.abs(forward - derivative) / scale],
            "best": int(np.nanargmin(error)),
        }
    return answer


def _histogram(quotients: Quotients, analytic: Array) -> Plain:
    """How many relative errors there are of each size, right ones and wrong ones."""
    found, numeric, allowed = analytic[quotients.chosen], quotients.numeric, quotients.allowed
    gap = np.abs(found - numeric)
    relative = gap / np.maximum(np.maximum(np.abs(found), np.abs(numeric)), 1e-300)
    power = np.log10(np.clip(relative, 10.0 ** EDGES[0], 10.0 ** (EDGES[-1] - 0.25)))
    wrong = ~(gap <= allowed)
    zero = (found == 0) & (np.abs(numeric) <= allowed)
    right = np.histogram(power[~wrong & ~zero], EDGES)[0]
    return {
        "edges": EDGES.tolist(),
        "right": right.tolist(),
        "wrong": np.histogram(power[wrong], EDGES)[0].tolist(),
        "zero": int(np.sum(zero)),
    }


def _images(case: Case, quotients: Quotients, analytic: Array) -> Plain:
    """For each array the derivative, the quotient and the relative error; NaN where none was
    compared, and the error negative where it is more than allowed.
    """
    numeric, error = (np.full(analytic.size, np.nan) for _ in range(2))
    at, found = quotients.chosen, analytic[quotients.chosen]
    numeric[at] = quotients.numeric
    gap = np.abs(found - quotients.numeric)
    relative = gap / np.maximum(np.maximum(np.abs(found), np.abs(quotients.numeric)), 1e-300)
    error[at] = np.where(gap <= quotients.allowed, relative, -np.maximum(relative, 1e-30))
    images: dict[str, Plain] = {}
    start = 0
    for (kind, n), shape in case.shapes.items():
        part = slice(start, start + int(np.prod(shape)))
        start = part.stop
        arrays = {"analytic": analytic, "numeric": numeric, "error": error}
        images[f"{kind}{n}"] = {name: x[part].reshape(shape) for name, x in arrays.items()}
    return images


def _tile(session: Session, case: Case, subject: str) -> Plain:
    """The shape of a picture, if the inputs are the pixels of one."""
    shape = () if subject == "small" else session.network.data.shape
    is_picture = len(shape) == 2 and shape[0] * shape[1] == case.stack.sizes[0]
    return list(shape) if is_picture else None


def _address(name: str) -> str:
    """``w1[3, 402]`` as the page's address has it: ``w1*3*402``."""
    return name.replace("[", "*").replace(", ", "*").rstrip("]")


def _parameter(case: Case, text: str) -> tuple[str, str, int, tuple[int, ...]]:
    """What a text names; without one it is the parameter with the largest derivative."""
    found = _PARAMETER.fullmatch(text)
    if found:
        kind, layer = found[1], int(found[2])
        index = tuple(int(i) for i in found[3].split("*")[1:])
        shape = case.shapes.get((kind, layer), ())
        if len(shape) == len(index) and all(i < n for i, n in zip(index, shape, strict=True)):
            return text, kind, layer, index
    if text:
        raise ArgumentError(f"the network has no parameter {text}, such as w1*0*0 or b1*0")
    sizes = np.abs(case.gradient(""))
    number = int(np.argmax(sizes))
    for (kind, layer), shape in case.shapes.items():
        if number < np.prod(shape):
            index = tuple(int(i) for i in np.unravel_index(number, shape))
            return f"{kind}{layer}*{'*'.join(map(str, index))}", kind, layer, index
        number -= int(np.prod(shape))
    raise AssertionError("a vector is longer than its arrays")


def _entry(case: Case, numbers: Array, kind: str, layer: int, index: tuple[int, ...]) -> Array:
    """One entry of a vector of all parameters."""
    start = 0
    for key, shape in case.shapes.items():
        if key == (kind, layer):
            return numbers[start + int(np.ravel_multi_index(index, shape))]
        start += int(np.prod(shape))
    raise AssertionError("the parameter was looked up before")


def _in(case: Case, dtype: Any) -> Case:
    """The same in another precision."""
    weights, biases = (
        {n: x.astype(dtype) for n, x in layers.items()}
        for layers in (case.stack.weights, case.stack.biases)
    )
    stack = replace(case.stack, weights=weights, biases=biases)
    return Case(stack, case.X.astype(dtype), case.Y.astype(dtype))


def _cost_at(case: Case, kind: str, layer: int, index: tuple[int, ...], t: float) -> float:
    """The cost where one parameter is moved by t."""
    layers = case.stack.weights if kind == "w" else case.stack.biases
    moved = layers[layer].copy()
    moved[index] += t
    changed = {**layers, layer: moved}
    weights, biases = case.stack.weights, case.stack.biases
    return float(case.cost(changed, biases) if kind == "w" else case.cost(weights, changed))


QUESTIONS: dict[str, Callable[..., Any]] = {
    "choices": choices,
    "compare": compare,
    "stop": stop,
    "function": function,
    "code": code,
    "curve": curve,
}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that the screen asks at a moment."""
    more = moment.more
    subject, mistake = more.get("check", "network"), more.get("mistake", "")
    if subject.startswith(FUNCTION):
        function = subject.removeprefix(FUNCTION)
        return [("check.choices", {}), ("check.function", {"function": function})]
    case = {
        "subject": subject,
        "step": moment.step,
        "example": moment.example,
        "examples": int(more.get("batch", EXAMPLES)),
    }
    every = more.get("every") == "*".join(map(str, case.values()))
    asked: list[Asked] = [
        ("check.choices", {}),
        ("check.compare", {**case, "every": every, "mistake": mistake}),
        ("check.curve", {**case, "mistake": mistake, "parameter": more.get("parameter", "")}),
    ]
    if mistake:
        asked.append(("check.code", {"subject": subject, "step": moment.step, "mistake": mistake}))
    return asked
