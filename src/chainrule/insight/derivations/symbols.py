"""The symbols of the four equations, for a numbered layer and for a layer l.

A graph has layers 1, 2, 3; a derivation speaks of a layer l and of the last one, L. Equations are
read off with numbers and written with letters afterwards, by :meth:`Names.general`.
"""

from __future__ import annotations

from chainrule.core.graph import ArrayType
from chainrule.insight.algebra.building import substituted, symbols_of
from chainrule.insight.notation.expression import Expression, Symbol

# family -> (text, LaTeX), with the layer in the place of {n}
FORMS = {
    "z": ("z^{n}", "z^{{{n}}}"),
    "a": ("a^{n}", "a^{{{n}}}"),
    "weights": ("W^{n}", "W^{{{n}}}"),
    "biases": ("b^{n}", "b^{{{n}}}"),
    "delta": ("δ^{n}", r"\delta^{{{n}}}"),
    "delta_a": ("∂C/∂a^{n}", r"\frac{{\partial C}}{{\partial a^{{{n}}}}}"),
    "nabla_w": ("∂C/∂W^{n}", r"\frac{{\partial C}}{{\partial W^{{{n}}}}}"),
    "nabla_b": ("∂C/∂b^{n}", r"\frac{{\partial C}}{{\partial b^{{{n}}}}}"),
    "activation": ("σ(z^{n})", r"\sigma(z^{{{n}}})"),
    "slope": ("σ′(z^{n})", r"\sigma'(z^{{{n}}})"),
    "jacobian": (
        "(∂a^{n}/∂z^{n})",
        r"\left(\frac{{\partial a^{{{n}}}}}{{\partial z^{{{n}}}}}\right)",
    ),
    "delta_z": ("∂C/∂z^{n}", r"\frac{{\partial C}}{{\partial z^{{{n}}}}}"),
    "any": ("v^{n}", "v^{{{n}}}"),
}
# where layers have different activations, these carry their number, too
NUMBERED = {
    "activation": ("σ_{n}(z^{n})", r"\sigma_{{{n}}}(z^{{{n}}})"),
    "slope": ("σ_{n}′(z^{n})", r"\sigma_{{{n}}}'(z^{{{n}}})"),
}


class Names:
    """Symbols by what they are and the layer that they are of, and back.

    >>> names = Names(depth=2, mixed=False)
    >>> t = ArrayType((3,), "float64")
    >>> names.of("delta", 2, t).text, names.general(names.of("a", 1, t), 2).text
    ('δ^2', 'a^(L-1)')
    """

    def __init__(self, *, depth: int, mixed: bool) -> None:
        self.depth = depth
        self._forms = {**FORMS, **NUMBERED} if mixed else FORMS
        self._known: dict[str, tuple[str, int]] = {}

    def of(self, family: str, layer: int, kind: ArrayType) -> Symbol:
        """The symbol of one layer, by its number."""
        found = self._symbol(family, str(layer), kind)
        self._known[found.text] = family, layer
        return found

    def _symbol(self, family: str, index: str, kind: ArrayType) -> Symbol:
        if family == "any" and not index.isdigit():
            return Symbol("v", "v", kind)
        plain, tex = self._forms[family]
        bracketed = f"({index})" if len(index) > 1 and not index.isdigit() else index
        return Symbol(plain.format(n=bracketed), tex.format(n=index), kind)

    def general(self, x: Expression, layer: int) -> Expression:
        """``x`` with letters for numbers, as seen from a layer: l, l+1, l-1, or L and L-1."""
        base = "L" if layer == self.depth else "l"
        values: dict[str, Expression] = {}
        for text, symbol in symbols_of(x).items():
            if text in self._known:
                family, n = self._known[text]
                values[text] = self._symbol(family, self._index(n, layer, base), symbol.type)
        return substituted(x, values)

    def for_any(self, x: Expression, layer: int) -> Expression:
        """As :meth:`general`, but the last layer is l, too: for an equation that holds for all."""
        values: dict[str, Expression] = {}
        for text, symbol in symbols_of(x).items():
            if text in self._known:
                family, n = self._known[text]
                values[text] = self._symbol(family, self._index(n, layer, "l"), symbol.type)
        return substituted(x, values)

    def _index(self, n: int, layer: int, base: str) -> str:
        return base if n == layer else f"{base}{n - layer:+d}"
