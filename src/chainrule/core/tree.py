"""Nested containers of arrays: tuples, lists, dicts, dataclasses. A thin use of optree.

``flatten`` gives the leaves in a fixed order and a structure that puts leaves back. A dataclass is
registered with optree the first time it is met; None is an empty container.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np
import optree

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType

_NAMESPACE = "chainrule"
_LEAF_TYPES = frozenset({np.ndarray, float, int, complex, bool, np.float64, np.float32})

STATIC = {"static": True}
"""Metadata of a dataclass's field that is no array: a part of the structure, compared by value."""

_registering = threading.Lock()
_registered: set[type[Any]] = set()

Structure = optree.PyTreeSpec
LEAF: Structure = optree.tree_structure(cast("Any", 0.0), namespace=_NAMESPACE)


def _is_unregistered_dataclass(x: Any) -> bool:
    return dataclasses.is_dataclass(x) and not isinstance(x, (type, ArrayType))


def _register_dataclass(cls: type[Any]) -> None:
    fields = dataclasses.fields(cls)
    names = tuple(f.name for f in fields if "static" not in f.metadata)
    fixed = tuple(f.name for f in fields if "static" in f.metadata)

    def parts(x: Any) -> tuple[tuple[Any, ...], tuple[Any, ...], tuple[str, ...]]:
        return (
            tuple(getattr(x, name) for name in names),
            tuple(getattr(x, name) for name in fixed),
            names,
        )

    def whole(static: tuple[Any, ...], values: Iterable[Any]) -> Any:
        # Past __init__, which may convert or check: a container of traced values is no real input.
        x = object.__new__(cls)
        for name, value in zip((*names, *fixed), (*values, *static), strict=True):
            object.__setattr__(x, name, value)
        return x

    optree.register_pytree_node(  # pyright: ignore[reportUnknownMemberType] # no stubs
        cast("Any", cls), cast("Any", parts), cast("Any", whole), namespace=_NAMESPACE
    )


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of a nested container, and its structure.

    >>> leaves, structure = flatten({"b": [1.0, 2.0], "w": 3.0})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> unflatten(structure, [10.0, 20.0, 30.0])
    {'b': [10.0, 20.0], 'w': 30.0}
    """
    if type(tree) in _LEAF_TYPES:
        return [tree], LEAF
    while True:
        leaves, structure = optree.tree_flatten(tree, namespace=_NAMESPACE)
        unknown: set[type[Any]] = {type(x) for x in leaves if _is_unregistered_dataclass(x)}
        if not unknown:
            return leaves, structure
        with _registering:
            for cls in unknown - _registered:
                _register_dataclass(cls)
            _registered.update(unknown)


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Any:
    """Put leaves into a structure; the inverse of :func:`flatten`."""
    if structure is LEAF:
        (leaf,) = leaves
        return leaf
    return optree.tree_unflatten(structure, leaves)


def map_leaves(f: Callable[..., Any], tree: Any, *rest: Any) -> Any:
    """Apply ``f`` to each leaf, or to corresponding leaves of several containers."""
    leaves, structure = flatten(tree)
    others = [flatten_like(structure, other, "container") for other in rest]
    return unflatten(structure, [f(*xs) for xs in zip(leaves, *others, strict=True)])


def flatten_like(structure: Structure, tree: Any, what: str) -> list[Any]:
    """The leaves of ``tree``, which must have the structure; ``what`` names it in the error."""
    leaves, found = flatten(tree)
    if found is not structure and found != structure:
        raise ShapeError(
            f"{what} must have the structure {structure_text(structure)},"
            f" got {structure_text(found)}"
        )
    return leaves


def flatten_up_to(structure: Structure, tree: Any, what: str) -> list[Any]:
    """As :func:`flatten_like`, but None may stand in the place of any leaf."""
    try:
        leaves = cast("list[Any] | None", structure.flatten_up_to(tree))
    except ValueError:
        leaves = None
    if leaves is None or any(x is not None and flatten(x)[1] != LEAF for x in leaves):
        raise ShapeError(
            f"{what} must have the structure {structure_text(structure)},"
            f" got {structure_text(flatten(tree)[1])}"
        )
    return leaves


def structure_text(structure: Structure) -> str:
    """A structure as a person writes it, leaves as ``*``."""
    return str(unflatten(structure, [_Star()] * structure.num_leaves))


class _Star:
    def __repr__(self) -> str:
        return "*"


def leaf_names(structure: Structure) -> Sequence[str]:
    """A readable name for each leaf: ``[0]['weights']``; empty for a bare leaf."""
    return [
        optree.PyTreeAccessor(accessor).codify("")
        for accessor in optree.treespec_accessors(structure)
    ]


def spread_prefix(prefix: Any, tree: Any) -> list[Any]:
    """An entry of ``prefix`` for each leaf of ``tree``: one stands for all leaves below its place.

    >>> spread_prefix((0, {"a": None, "b": 1}), ([5.0, 6.0], {"a": 7.0, "b": (8.0, 9.0)}))
    [0, 0, None, 1, 1]
    """
    flatten(tree)  # registers the dataclasses in it
    options: dict[str, Any] = {"none_is_leaf": True, "namespace": _NAMESPACE}
    entries = optree.broadcast_prefix(prefix, tree, **options)
    leaves = optree.tree_leaves(tree, **options)
    return [entry for entry, leaf in zip(entries, leaves, strict=True) if leaf is not None]
