"""What KaTeX and MathJax both read: a list of commands, balanced braces, closed environments."""

from __future__ import annotations

import re

KNOWN = frozenset(
    r"""
    \frac \sqrt \sum \prod \cdot \cdots \odot \ast \top \left \right \lfloor \rfloor \lceil \rceil
    \operatorname \mathrm \mathit \mathtt \mathbf \text \texttt \textbf \bar \dot \overline \partial
    \le \ge \ne \land \lor \lnot \oplus \ll \gg \bmod \infty \pi \sigma \psi \zeta \Gamma \Phi
    \sin \cos \tan \arcsin \arccos \arctan \sinh \cosh \tanh \log \det \max \min \exp
    \langle \rangle \leftarrow \to \ldots \quad \mathrel \begin \end \hline
    \textbackslash \textasciicircum \textasciitilde \alpha \beta \gamma \delta \eta \theta \lambda
    \mu \nabla \rho \tau \phi \omega \epsilon \kappa \chi \xi \nu
    """.split()  # noqa: SIM905 - a list of a hundred quoted commands cannot be read
)
SIGNS = {"\\,", "\\{", "\\}", "\\_", "\\\\", "\\&", "\\%", "\\#", "\\$", "\\ "}


def faults(latex: str) -> list[str]:
    """What is wrong with a formula; empty if nothing is."""
    commands = re.findall(r"\\(?:[a-zA-Z]+|.)", latex, flags=re.DOTALL)
    found = [c for c in commands if c not in KNOWN and c not in SIGNS]
    depth = 0
    for brace in re.findall(r"\\[{}\\]|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            break
    if depth:
        found.append(f"braces are not balanced: {depth:+d}")
    stack: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", latex):
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            found.append(f"\\end{{{name}}} closes nothing")
    found += [f"\\begin{{{name}}} is not closed" for name in stack]
    if latex.count("\\left") - latex.count("\\leftarrow") != latex.count("\\right"):
        found.append("\\left without \\right")
    if re.search(r"[_^]\{[^{}]*\}[_^]", latex) and re.search(
        r"(\^\{[^{}]*\}\^|_\{[^{}]*\}_)", latex
    ):
        found.append("two superscripts or subscripts")
    return found
