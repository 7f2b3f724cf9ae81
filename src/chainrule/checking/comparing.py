"""Comparing the ways: which two are compared, what they may differ by, and by what they do.

Two ways that compute the same numbers in another order differ by rounding. How much that may be is
measured, not guessed: some thousand units in the last place of what is compared, and many times
what the way itself changes by when the arguments move by one unit. Differences bring their own
error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from chainrule.checking import ways as w
from chainrule.checking.differences import Slopes, in_double, slopes
from chainrule.checking.problem import Leaves, Vector, copied, random_like, size_of, vector, wide
from chainrule.checking.ways import Answers, Directions, Executor, Ways
from chainrule.core.trace import type_of

DIFFERENCES = "differences"
ARGUMENTS, RESULTS, NUMBER = (
    "argument",
    "result",
    "number",
)  # what a vector's entries belong to
_PLACES = {
    w.VALUE: RESULTS,
    w.FORWARD: RESULTS,
    w.REVERSE: ARGUMENTS,
    **dict.fromkeys(w.HESSIANS, ARGUMENTS),
    w.TWICE_FORWARD: NUMBER,
}
_ORDERS = {w.VALUE: 0, w.FORWARD: 1, w.REVERSE: 1}  # others: 2


@dataclass(frozen=True)
class Disagreement:
    """The entry at which two ways differ most, in relation to what they may differ by.

    ``numbers`` are those of the two ways, ``allowed`` what they may differ by, ``place`` the entry
    and whether it is one of the arguments or of the results.
    """

    order: int
    pair: tuple[str, str]
    numbers: tuple[complex, complex]
    allowed: float
    place: tuple[str, int]
    direction: int = 0

    @property
    def gap(self) -> float:
        """How far the numbers are apart."""
        apart = abs(self.numbers[0] - self.numbers[1])
        return float("inf") if np.isnan(apart) else float(apart)

    @property
    def ratio(self) -> float:
        """The gap as a multiple of what is allowed; above 1 the ways disagree."""
        return 0.0 if self.gap == 0 else self.gap / self.allowed if self.allowed else float("inf")


@dataclass(frozen=True)
class Kink:
    """A result that has another slope on each side, and the derivative that is given for it."""

    entry: int
    left: float
    right: float
    derivative: float
    direction: int


@dataclass
class Outcome:
    """What comparing found; filled direction by direction."""

    worst: dict[tuple[int, tuple[str, str]], Disagreement] = field(
        default_factory=dict[tuple[int, tuple[str, str]], Disagreement]
    )
    skipped: list[str] = field(default_factory=list[str])
    kinks: list[Kink] = field(default_factory=list[Kink])
    method: str = ""

    def add(self, found: Disagreement | None) -> None:
        """Keep the worst of each pair of ways."""
        if found is not None:
            key = (found.order, found.pair)
            if key not in self.worst or self.worst[key].ratio < found.ratio:
                self.worst[key] = found

    @property
    def failed(self) -> list[Disagreement]:
        """The pairs that disagree, lower orders first."""
        return [d for _, d in sorted(self.worst.items()) if d.ratio > 1]


@dataclass(frozen=True)
class Settings:
    """What is compared: up to which order, compiled by what, batched or not, with differences."""

    order: int
    executor: Executor | None
    batch: bool = True
    differences: bool = True


Function = Callable[..., Any]


def compare(
    f: Function,
    xs: Leaves,
    directions: Sequence[Directions],
    eps: float,
    settings: Settings,
    smooth: Function | None = None,
) -> Outcome:
    """Compare every way to the derivatives of ``f``, a function of leaves, at ``xs``.

    Differences are those of ``smooth``, if it is given.
    """
    outcome = Outcome()
    ways, outcome.skipped = w.ways_of(f, settings.order, xs, directions[0])
    machine, why = None, ""
    if settings.executor is not None:
        machine, why = w.compiled(ways, xs, directions[0], settings.executor)
        if machine is None:
            outcome.skipped.append(f"compiled: {why}")
    neighbour = _neighbour(f, xs)
    for number, d in enumerate(directions):
        answers = ways.answers(xs, d)
        noise = _noise(ways, xs, d, eps, answers)
        judge = _Judge(outcome, eps, answers, noise, number, d)
        judge.each_other()
        if machine is not None:
            judge.same("compiled", machine.answers(xs, d))
        if settings.batch:
            _batched(judge, ways, (xs, neighbour), d, eps)
        if settings.differences:
            _differences(judge, smooth or f, xs, d, ways)
    return outcome


def directions_of(f: Function, xs: Leaves, count: int, seed: int) -> list[Directions]:
    """Random directions; those of arguments have the size of these."""
    outs = f(*(copied(x) for x in xs))
    sizes = tuple(max(1.0, size_of(x)) for x in outs)
    made: list[Directions] = []
    for i in range(count):
        rng = np.random.default_rng((seed, i))
        t, s = (random_like(xs, rng, scaled=True) for _ in range(2))
        made.append(Directions(t, s, random_like(outs, rng), sizes))
    return made


def _neighbour(f: Function, xs: Leaves) -> Leaves:
    """A point nearby, in another direction for each number; the same where f has no value there."""
    rng = np.random.default_rng(0)
    moved: list[Any] = []
    for x in xs:
        if type_of(x).weak:  # a batch has no Python numbers: the same for all examples
            moved.append(x)
            continue
        factor = 1 + rng.uniform(-(2.0**-8), 2.0**-8, np.shape(x))
        moved.append((x * factor).astype(x.dtype))
    try:
        with np.errstate(all="ignore"):
            size = vector(f(*map(copied, moved))).size
    except Exception:  # whatever a user's function raises beyond its domain
        return xs
    return moved if size == vector(f(*map(copied, xs))).size else xs


def _noise(ways: Ways, xs: Leaves, d: Directions, eps: float, answers: Answers) -> Answers:
    """What the answers change by when the arguments are moved by units in the last place."""
    noise = {name: np.zeros(x.shape) for name, x in answers.items()}
    for seed in range(2):
        rng = np.random.default_rng((seed, 7))
        near = [_last_place(x, eps, rng) for x in xs]
        try:
            with np.errstate(all="ignore"):
                others = ways.answers(near, d)
        except Exception:  # beyond the domain of a user's function
            continue
        for name, x in others.items():
            if x.shape == answers[name].shape:
                with np.errstate(all="ignore"):
                    change = np.abs(x - answers[name])
                noise[name] = np.fmax(noise[name], np.where(np.isfinite(change), change, 0.0))
    return noise


def _last_place(x: Any, eps: float, rng: np.random.Generator) -> Any:
    factor: Any = 1 + eps * rng.integers(-2, 3, np.shape(x))
    if isinstance(x, (np.ndarray, np.generic)):
        return (wide(x) * factor).astype(cast("Any", x).dtype)[()]
    return x * float(factor)


# ---- judging -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Judge:
    """Compares the answers at one point and direction with others."""

    outcome: Outcome
    eps: float
    answers: Answers
    noise: Answers
    direction: int
    d: Directions

    def _relative(self, order: int) -> float:
        """What two ways may differ by, in relation to their numbers.

        Derivatives of the rules of special functions are sums of series, of fewer right digits.
        """
        return min((1e5 if order == 2 else 1e3) * self.eps, self.eps**0.5)

    def each_other(self) -> None:
        """Forward against reverse, the four orders of second order against each other."""
        known, d = self.answers, self.d
        if w.FORWARD in known and w.REVERSE in known:
            self._paired((w.FORWARD, w.REVERSE), 1, vector(d.u), vector(d.t))
        hessians = [name for name in w.HESSIANS if name in known]
        for name in hessians[1:]:
            self._entries((hessians[0], name), known[hessians[0]], known[name])
        if hessians and w.TWICE_FORWARD in known:
            one = np.ones(1)
            self._paired((w.TWICE_FORWARD, hessians[0]), 2, one, vector(d.s))

    def same(self, prefix: str, others: Answers) -> None:
        """The same ways by other means: compiled, batched."""
        for name, x in others.items():
            self._entries((name, f"{prefix} {name}"), self.answers[name], x)

    def within(self, pair: tuple[str, str], found: Slopes) -> None:
        """A way against differences, which bring their own error."""
        name = pair[0]
        allowed = found.error + self._allowed(name, np.abs(self.answers[name]))
        self._entries(pair, self.answers[name], found.value, allowed)

    def _allowed(self, name: str, size: Vector) -> Vector:
        finite = np.where(np.isfinite(size), size, 0.0)
        relative = self._relative(_ORDERS.get(name, 2))
        return relative * finite + 30 * self.noise[name] + 100 * self.eps * self._usual(name)

    def _usual(self, name: str) -> Any:
        """The size of the numbers that an answer is summed of: it may be what is left of them.

        Directions have the size of the arguments, so a derivative along one has that of the value.
        """
        values = np.abs(self.answers[w.VALUE])
        values = np.where(np.isfinite(values), values, 0.0)
        largest = float(np.max(values, initial=0.0))
        if _PLACES[name] == RESULTS:
            return largest
        total = float(np.sum(np.abs(vector(self.d.u)) * values))
        if _ORDERS.get(name, 2) == 2:
            total /= max(1.0, largest)
        return total / np.abs(vector(self.d.s)) if _PLACES[name] == ARGUMENTS else total

    def _entries(
        self, pair: tuple[str, str], a: Vector, b: Vector, allowed: Vector | None = None
    ) -> None:
        name = pair[0]
        order = _ORDERS.get(name, 2)
        place = _PLACES[name]
        if a.shape != b.shape:
            found = complex(a.size), complex(b.size)
            self.outcome.add(Disagreement(order, pair, found, 0.0, (NUMBER, 0), self.direction))
            return
        with np.errstate(all="ignore"):
            sizes = np.maximum(np.abs(a), np.abs(b))
            limit = self._allowed(name, sizes) if allowed is None else allowed
            gap = np.abs(a - b)
            gap = np.where(np.isfinite(b) & ~np.isfinite(a) & (allowed is not None), np.inf, gap)
            compared = np.isfinite(limit) & np.isfinite(b) & (np.isfinite(a) | (gap == np.inf))
            ratio = np.where(compared, gap / np.where(limit > 0, limit, 1e-300), -1.0)
        if not np.any(compared):
            return
        i = int(np.argmax(ratio))
        numbers = complex(a[i]), complex(b[i])
        self.outcome.add(
            Disagreement(order, pair, numbers, float(limit[i]), (place, i), self.direction)
        )

    def _paired(self, pair: tuple[str, str], order: int, left: Vector, right: Vector) -> None:
        """``<left, a>`` against ``<b, right>``, numbers that are one by the chain rule."""
        a, b = self.answers[pair[0]], self.answers[pair[1]]
        terms = np.real(left * a), np.real(b * right)
        if not all(np.all(np.isfinite(x)) for x in terms):
            return
        sums = float(np.sum(terms[0])), float(np.sum(terms[1]))
        size = max(float(np.sum(np.abs(left * a))), float(np.sum(np.abs(b * right))))
        noise = float(np.sum(np.abs(left) * self.noise[pair[0]]))
        noise += float(np.sum(np.abs(right) * self.noise[pair[1]]))
        usual = float(np.max(np.abs(right) * self._usual(pair[1]), initial=0.0))
        allowed = self._relative(order) * size + 30 * noise + 100 * self.eps * usual
        numbers = complex(sums[0]), complex(sums[1])
        self.outcome.add(Disagreement(order, pair, numbers, allowed, (NUMBER, 0), self.direction))


def _batched(
    judge: _Judge, ways: Ways, points: tuple[Leaves, Leaves], d: Directions, eps: float
) -> None:
    found, why = w.batched(ways, points, d)
    if not found:
        if why and (note := f"batched: {why}") not in judge.outcome.skipped:
            judge.outcome.skipped.append(note)
        return
    judge.same("batched", found[0])
    with np.errstate(all="ignore"):
        answers = ways.answers(points[1], d)
        noise = _noise(ways, points[1], d, eps, answers)
    _Judge(judge.outcome, eps, answers, noise, judge.direction, d).same("batched", found[1])


def _differences(judge: _Judge, f: Function, xs: Leaves, d: Directions, ways: Ways) -> None:
    """First and second derivatives against differences of values and of gradients."""
    doubled, eps = _as_double(f, xs, judge)
    first = slopes(f, doubled, d.t, eps)
    judge.outcome.method = first.method
    for name in (w.FORWARD,) if w.FORWARD in ways.names else ():
        _note_kinks(judge, first, judge.answers[name])
        judge.within((name, DIFFERENCES), _smooth(first))
    if w.FORWARD not in ways.names:
        _pair_with_reverse(judge, d, first)
    if w.HESSIANS[0] in ways.names:
        gradient = w.gradient_of(f, d)
        second = slopes(gradient, doubled, d.t, eps, try_complex=False)
        if not np.any(first.bent):
            judge.within((w.HESSIANS[0], DIFFERENCES), _smooth(second))


def _pair_with_reverse(judge: _Judge, d: Directions, found: Slopes) -> None:
    smooth = _smooth(found)
    if not np.all(np.isfinite(smooth.error)):
        return
    u, t, g = vector(d.u), vector(d.t), judge.answers[w.REVERSE]
    numbers = complex(np.sum(np.real(g * t))), complex(np.sum(np.real(u * smooth.value)))
    allowed = float(np.sum(np.abs(u) * smooth.error)) + 1e-9 * float(np.sum(np.abs(g * t)))
    allowed += 30 * float(np.sum(np.abs(t) * judge.noise[w.REVERSE]))
    judge.outcome.add(
        Disagreement(1, (w.REVERSE, DIFFERENCES), numbers, allowed, (NUMBER, 0), judge.direction)
    )


def _as_double(f: Function, xs: Leaves, judge: _Judge) -> tuple[Leaves, float]:
    """The arguments in double precision, if the function has the same value there."""
    doubled = in_double(xs)
    try:
        with np.errstate(all="ignore"):
            here, there = vector(f(*map(copied, xs))), vector(f(*map(copied, doubled)))
            eps = w.precision_of(f, doubled)
    except Exception:  # a function that takes no other dtype
        return xs, judge.eps
    close = here.shape == there.shape and np.allclose(
        here, there, rtol=100 * judge.eps, atol=100 * judge.eps * size_of(here), equal_nan=True
    )
    return (doubled, eps) if close else (xs, judge.eps)


def _smooth(found: Slopes) -> Slopes:
    """The slopes where there is one and not two."""
    error = np.where(found.bent, np.inf, found.error)
    return Slopes(found.value, error, found.left, found.right, found.bent, found.method)


def _note_kinks(judge: _Judge, found: Slopes, derivative: Vector) -> None:
    for i in np.flatnonzero(found.bent):
        sides = float(found.left[i].real), float(found.right[i].real)
        given = float(derivative[i].real)
        judge.outcome.kinks.append(Kink(int(i), *sides, given, judge.direction))
