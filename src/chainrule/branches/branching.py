"""A compiled function that branches: known paths run as graphs, a new one is followed and kept."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from chainrule.branches.path import Path
from chainrule.branches.tree import Codes, Tree, result_of
from chainrule.core.graph import Graph
from chainrule.core.peek import Guard
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.passes.inline import inlined
from chainrule.passes.pipeline import FAITHFUL, Pipeline
from chainrule.transforms.recording import Recording, record
from chainrule.transforms.signature import is_traced, signature_of, with_traced
from chainrule.transforms.trace import captures_traced, freeze


class Branching:
    """A function compiled path by path, as ``cr.compile(f, branches=True)`` gives it.

    The first call runs ``f`` itself and notes what it computes and each value that Python looks at
    (``if x > 0``, ``while``, ``range(n)``, ``x[mask]``): a *path* with its *guards*. A later
    call runs the graph of the path up to its first guard, compares, goes on, and so to the result.
    Where a guard has a value for which there is no path yet, it is *missed*: ``f`` runs again,
    with the arguments of this call, and its path is added. The result is that of ``f`` always.

    * No part of a graph runs ahead of a guard that may lead elsewhere, so a path that was not taken
      cannot fail or hang. Paths share what they have in common, and turns of a loop their code.
    * ``f`` runs at each miss: what it does besides computing (printing, counting) happens then and
      only then. What it closes over counts as constant. What it raises, it raises at each call.
      Arguments that it writes into are not changed, as in any compiled function.
    * Machine code rounds differently in the last bits, and a value that is within rounding of a
      limit may go the other way. Rewrites that avoid an overflow are left out, for a branch may ask
      for it.
    * After 128 different graphs no new path is kept: paths that are not known run uncompiled, and
      ``report()`` says so. A mask with other entries at each call is such a case.
    * Called with traced values (inside of ``cr.grad``, ``cr.vmap`` ...) it is the plain function:
      write ``cr.compile(cr.grad(f), branches=True)``, not the gradient of a compiled function.

    >>> import numpy as np, chainrule as cr
    >>> @cr.compile(branches=True)
    ... def root(a):  # Newton's iteration
    ...     x = a
    ...     while np.abs(x * x - a) > 1e-9:
    ...         x = (x + a / x) / 2
    ...     return x
    >>> root(4.0), root(9.0), root(4.0)
    (2.000000000000002, 3.0, 2.000000000000002)
    >>> print(root.report())
    (float64~): 2 paths of 4 graphs; 3 calls: 1 by graphs, 2 by running it anew
      ...: truth, missed 1 time
    """

    def __init__(self, f: Callable[..., Any], executor: str) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._codes = Codes(executor)
        self._trees: dict[Hashable, Tree] = {}
        self._lock = threading.Lock()  # of trees that grow and of counts; never held while f runs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, by the graph of the path that these arguments take."""
        with users_frames:
            leaves, structure = flatten((args, kwargs))
            if any(isinstance(x, TracedValue) for x in leaves):
                return self._f(*args, **kwargs)
            tree = self._tree(leaves, structure)
            node, outputs = tree.run([x for x in leaves if is_traced(x)])
            if node is not None and node.guard is None:
                with self._lock:
                    tree.hits += 1
                return unflatten(node.result.structure, node.result.typed(outputs))
            if tree.closed:
                with self._lock:
                    tree.uncompiled += 1
                return self._uncompiled(leaves, structure)
            return self._follow(tree, node and node.guard, leaves, structure)

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        """The graph of the whole path that these arguments take, after all passes."""
        with users_frames:
            recording = self._record(*flatten((args, kwargs)))
            return Pipeline(FAITHFUL)(inlined(freeze(recording)))

    @property
    def function(self) -> Callable[..., Any]:
        """The function that was compiled."""
        return self._f

    @property
    def source(self) -> str:
        """The source text that was emitted for the parts of paths run so far."""
        return "\n\n".join(text for made in self._codes.executables() for text in made.sources)

    def report(self) -> str:
        """For each signature: paths, graphs, calls by graphs, misses, and which guards missed."""
        with self._lock:
            lines = [line for tree in self._trees.values() for line in _described(tree)]
        return "\n".join(lines) or "not called yet"

    def _tree(self, leaves: list[Any], structure: Structure) -> Tree:
        key = (structure, tuple(map(_signature, leaves)))
        tree = self._trees.get(key)
        if tree is None:
            types = ", ".join(str(type_of(x)) for x in leaves if is_traced(x))
            with self._lock:
                tree = self._trees.setdefault(key, Tree(f"({types})"))
        return tree

    def _record(self, leaves: list[Any], structure: Structure) -> Recording:
        def of_traced(*traced: Any) -> Any:
            args, kwargs = unflatten(structure, with_traced(leaves, traced))
            return self._f(*args, **kwargs)

        trace = Trace(differentiates=False, sources=True, guarded=True)
        return record(of_traced, [x for x in leaves if is_traced(x)], trace=trace)

    def _follow(
        self, tree: Tree, missed: Guard | None, leaves: list[Any], structure: Structure
    ) -> Any:
        """Run the function itself, and keep the path that it takes."""
        with self._lock:
            tree.misses += 1
            if missed is not None:
                tree.missed[f"{missed.source}: {missed.reading.value}"] += 1
        recording = self._record(leaves, structure)
        graph, guards = freeze(recording), recording.trace.guards or {}
        if not captures_traced(graph):  # else good for this call only
            with self._lock:
                tree.grow(Path(graph, [*guards.values()]), result_of(recording), self._codes)
        return unflatten(recording.structure, map(_own, recording.outputs))

    def _uncompiled(self, leaves: list[Any], structure: Structure) -> Any:
        """The function as it is, unless it writes into arguments, which a graph does not do."""
        args, kwargs = unflatten(structure, map(_read_only, leaves))
        try:
            results, made = flatten(self._f(*args, **kwargs))
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            recording = self._record(leaves, structure)
            results, made = recording.outputs, recording.structure
        return unflatten(made, map(_own, results))


def _signature(x: Any) -> Hashable:
    """With the layout of arrays, which decides what is a view, and so what a write changes."""
    if type(x) is np.ndarray and not x.flags.c_contiguous:
        return signature_of(x), x.strides
    return signature_of(x)


def _own(x: Any) -> Any:
    """A result in memory of its own, as graphs give it."""
    return x.copy() if type(x) is np.ndarray else x


def _read_only(x: Any) -> Any:
    if type(x) is not np.ndarray:
        return x
    seen = x.view()
    seen.flags.writeable = False
    return seen


def _described(tree: Tree) -> Sequence[str]:
    calls = tree.hits + tree.misses + tree.uncompiled
    lines = [
        f"{tree.types}: {_counted(tree.paths, 'path')} of {_counted(len(tree.codes), 'graph')};"
        f" {_counted(calls, 'call')}: {tree.hits} by graphs, {tree.misses} by running it anew"
        + (f", {tree.uncompiled} uncompiled" if tree.closed else "")
    ]
    if tree.closed:
        lines.append(f"  no more paths are kept: {tree.closed}")
    lines += [f"  {place}, missed {_counted(n, 'time')}" for place, n in tree.missed.items()]
    return lines


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
