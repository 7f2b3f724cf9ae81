"""``custom_derivative``: a function whose derivative a person states."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic, ParamSpec, TypeVar

from chainrule.core.tracebacks import users_frames
from chainrule.transforms.custom.arguments import arrays_in, name_of, positions_of
from chainrule.transforms.custom.call import Call, Rules, pair_of, require_same
from chainrule.transforms.custom.equation import apply

P = ParamSpec("P")
R = TypeVar("R")


class CustomDerivative(Generic[P, R]):
    """A function with rules for its derivative, see :func:`custom_derivative`; call it as it is."""

    def __init__(self, f: Callable[P, R], rules: Rules | None = None) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._rules = rules or Rules()
        self._positions = positions_of(f)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function; if arguments are traced, its derivative is what the rules say."""
        with users_frames:
            arguments, arrays = arrays_in(self._positions.bind(args, kwargs))
            return apply(Call(self._f, self._rules, arguments), arrays)

    def __repr__(self) -> str:
        return f"custom_derivative({name_of(self._f)})"

    def def_jvp(self, rule: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[..., Any]:
        """State the forward rule: ``rule(primals, tangents) -> (out, out_tangent)``.

        ``primals`` and ``tangents`` are tuples with all arguments in their positions; the tangent
        is linear in ``tangents``. Of an array that is not of floats, and of a number that is no
        float, the tangent is zero; of other things None. Returns ``rule``, so it is a decorator.
        """
        what = f"the rule of {name_of(self._f)}"

        def push(out: Any, primals: Any, tangents: Any) -> Any:
            made, tangent = pair_of(rule(primals, tangents), what)
            require_same(made, out, what)
            return tangent

        self._state({"forward rule": rule}, push=push)
        return rule

    def def_vjp(
        self,
        forward: Callable[..., tuple[Any, Any]],
        backward: Callable[[Any, Any], tuple[Any, ...]],
    ) -> None:
        """State the reverse rule, in two parts.

        ``forward(*args) -> (out, residuals)`` computes the function and keeps whatever the other
        part needs; ``backward(residuals, ct)`` returns a tuple with one cotangent for each
        argument, linear in ``ct``. None stands for zero, for a whole argument or any part of it.
        """

        def pull(_out: Any, _primals: Any, residuals: Any, ct: Any) -> Any:
            return backward(residuals, ct)

        self._state(
            {"reverse rule, forward part": forward, "reverse rule, backward part": backward},
            forward=forward,
            pull=pull,
        )

    def _state(self, by: dict[str, Callable[..., Any]], **rules: Callable[..., Any]) -> None:
        stated = {**dict(self._rules.stated_by), **by}
        self._rules = replace(self._rules, stated_by=tuple(stated.items()), **rules)


def custom_derivative(f: Callable[P, R]) -> CustomDerivative[P, R]:
    """A function whose derivative is given by rules, in place of that of its operations.

    For what has no derivative rule (functions of SciPy or C), for derivatives that are known in a
    simpler or more stable form, and for those that are to be others (clipped, straight through).
    The derivative is stated by ``def_jvp``, by ``def_vjp``, or by both; of one rule follows the
    other mode, too, because a linear map can be transposed. Rules are made of NumPy's functions
    and can be traced, so the derivative of a rule is the second derivative of the function.

    With values, ``f`` may be any Python. Where types are known and no values (inside ``compile``,
    ``vmap``, or a loop) it is traced as any function is, and compiled with what is around it.

    Args:
        f: a function of arrays, or nested containers of them. It must not write into its arguments
            and not close over traced values of a function around it.

    Raises:
        NoRuleError: a derivative is asked for and no rule was given.
        ShapeError, DTypeError: what a rule returned does not fit the function.
        TraceError: the function or a rule closes over a traced value, or it cannot be traced where
            it has to be.

    >>> import numpy as np, chainrule as cr
    >>> from scipy import special
    >>> @cr.custom_derivative
    ... def gamma(x):
    ...     return special.gamma(x)  # no traced value can go in there
    >>> @gamma.def_jvp
    ... def gamma_rule(primals, tangents):
    ...     (x,), (t,) = primals, tangents
    ...     y = gamma(x)
    ...     return y, t * y * digamma(x)
    >>> digamma = cr.custom_derivative(lambda x: special.digamma(x))
    >>> cr.grad(gamma)(3.0)  # 2 * (1 + 1/2 - Euler's constant)
    np.float64(1.845568670196...)

    A gradient that is clipped on its way back:

    >>> clipped = cr.custom_derivative(lambda x: x)
    >>> clipped.def_vjp(lambda x: (x, None), lambda _, ct: (np.clip(ct, -1.0, 1.0),))
    >>> cr.grad(lambda x: 100.0 * clipped(x))(2.0)
    1.0

    Source: Griewank and Walther, Evaluating Derivatives (2008), section 13.4 (external functions).
    """
    return CustomDerivative(f)
