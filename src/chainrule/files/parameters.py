"""A model's parameters, nested containers of arrays, in one safetensors file.

The leaves are tensors named by their paths, such as ``0.weights``, which other programs can read.
The nesting is kept as JSON in the metadata, so that loading rebuilds dicts, lists, tuples and None
from data alone and never runs code from a file. It rests on ``tensors.py``; ``checkpoints.py``
keeps the state of a training that goes on.
"""

import json
import os
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

import numpy as np

from chainrule.core.errors import FileFormatError
from chainrule.files.header import RESERVED, damaged
from chainrule.files.tensors import Array, load_tensors, save_tensors

_KEY = "structure"
_MAX_DEPTH = 100
_Kind: TypeAlias = Literal["array", "numpy", "python"]
_DTYPES: dict[type, type[np.generic]] = {
    bool: np.bool_,
    int: np.int64,
    float: np.float64,
    complex: np.complex128,
}


def save(path: str | os.PathLike[str], params: object) -> None:
    """Write nested containers of arrays and numbers to one safetensors file.

    Containers are dicts with strings as keys, lists, tuples and None; leaves are NumPy arrays,
    NumPy scalars and Python's bool, int (64 bits), float and complex. A leaf's name in the file is
    its path, joined by dots; a dot or backslash inside a key gets a backslash before it.

    Errors: :class:`~chainrule.FileFormatError` that names the place of anything else; ``OSError``
    when the disk refuses. An old file is intact then.

    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> save(path, [{"weights": np.ones((2, 1)), "biases": np.zeros(2)}, None, ("relu", 0.5)[1:]])
    >>> load(path)
    [{'weights': array([[1.], [1.]]), 'biases': array([0., 0.])}, None, (0.5,)]
    >>> sorted(load_tensors(path)[0])
    ['0.biases', '0.weights', '2.0']
    """
    writing = _Writing(os.fspath(path))
    structure = writing.node(params, ())
    text = json.dumps(structure, separators=(",", ":"))
    save_tensors(path, writing.tensors, {_KEY: text})


def load(path: str | os.PathLike[str]) -> Any:
    """Read what :func:`save` wrote: the same containers, dtypes and bits.

    A safetensors file of another program has no nesting and comes as a dict of arrays by name.

    Errors: :class:`~chainrule.FileFormatError` when the file is cut off, corrupt or not
    safetensors; ``OSError`` when it cannot be read.

    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "other.safetensors")
    >>> save_tensors(path, {"linear.weight": np.zeros(2)})
    >>> load(path)
    {'linear.weight': array([0., 0.])}
    """
    tensors, metadata = load_tensors(path)
    if _KEY not in metadata:
        return tensors
    reading = _Reading(os.fspath(path), tensors)
    try:
        params = reading.node(json.loads(metadata[_KEY]))
    except (ValueError, RecursionError) as error:
        raise reading.wrong() from error
    if tensors:
        raise reading.wrong()
    return params


@dataclass(frozen=True)
class _Writing:
    """One call of save: the leaves found so far, by name."""

    path: str
    tensors: dict[str, Array] = field(default_factory=dict[str, Array])

    def node(self, value: object, place: tuple[str, ...]) -> object:
        """Describe a value as JSON, and collect its leaves."""
        if len(place) > _MAX_DEPTH:
            raise FileFormatError(
                f"{self.path}: {_shown(place[:5])}... is nested more than {_MAX_DEPTH} deep "
                f"(a circle?)."
            )
        if value is None:
            return None
        # exact types: a subclass (namedtuple, OrderedDict) would come back as something else
        if type(value) is dict:
            return {"dict": self._items(cast("dict[object, object]", value), place)}
        if type(value) in (list, tuple):
            items = cast("list[object]", value)
            nodes = [self.node(item, (*place, str(i))) for i, item in enumerate(items)]
            return {type(value).__name__: nodes}
        return self._leaf(value, place)

    def _items(self, value: dict[object, object], place: tuple[str, ...]) -> dict[str, object]:
        items: dict[str, object] = {}
        for key, item in value.items():
            if type(key) is not str:
                raise FileFormatError(
                    f"{self.path}: {_shown(place)} has the key {key!r}; only dicts with strings "
                    f"as keys can be saved."
                )
            items[key] = self.node(item, (*place, key))
        return items

    def _leaf(self, value: object, place: tuple[str, ...]) -> dict[_Kind, str]:
        name = _name(place)
        if isinstance(value, np.ndarray):
            self.tensors[name] = cast(Array, value)
            return {"array": name}
        if isinstance(value, np.generic):
            self.tensors[name] = np.asarray(cast(Any, value))
            return {"numpy": name}
        dtype = _DTYPES.get(type(value))
        if dtype is None or (type(value) is int and not -(2**63) <= value < 2**63):
            what = "an integer of more than 64 bits" if dtype else f"a {type(value).__name__}"
            raise FileFormatError(
                f"{self.path}: {_shown(place)} is {what}, which cannot be saved; use dicts, lists, "
                f"tuples, None, NumPy arrays and numbers."
            )
        self.tensors[name] = np.array(value, dtype)
        return {"python": name}


@dataclass(frozen=True)
class _Reading:
    """One call of load: the tensors that have not found their place yet."""

    path: str
    tensors: dict[str, Array]

    def wrong(self) -> FileFormatError:
        """Make the error for a structure that does not fit the tensors."""
        return damaged(self.path, "the structure in its metadata does not fit its tensors")

    def node(self, described: object) -> object:
        """Build the value that a piece of JSON describes."""
        if described is None:
            return None
        entry = cast("dict[str, object]", described) if isinstance(described, dict) else {}
        kind, content = next(iter(entry.items())) if len(entry) == 1 else ("", None)
        if isinstance(content, str):
            return self._leaf(kind, content)
        if isinstance(content, dict) and kind == "dict":
            return {
                key: self.node(item) for key, item in cast("dict[str, object]", content).items()
            }
        if isinstance(content, list) and kind in ("list", "tuple"):
            items = [self.node(item) for item in cast("list[object]", content)]
            return items if kind == "list" else tuple(items)
        raise self.wrong()

    def _leaf(self, kind: str, name: str) -> object:
        array = self.tensors.pop(name, None)
        if array is not None and kind == "array":
            return array
        if array is not None and array.shape == () and kind in ("numpy", "python"):
            return array[()] if kind == "numpy" else array.item()
        raise self.wrong()


def _name(place: tuple[str, ...]) -> str:
    """Join a path's keys to a name that only this path has."""
    name = ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in place)
    # no other key gives a backslash before an underscore
    return "\\" + name if name == RESERVED else name


def _shown(place: tuple[str, ...]) -> str:
    """Write a path for an error message."""
    return f"the value at {_name(place)!r}" if place else "the outermost value"
