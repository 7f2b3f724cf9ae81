"""A function in a Python file, named as ``FILE.py:NAME``, and arguments given as text."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click
import numpy as np

from chainrule.core.errors import ChainruleError, GradientError
from chainrule.core.tracebacks import line_in


@dataclass(frozen=True)
class Named:
    """A function with all else that its file defines."""

    function: Callable[..., Any]
    name: str
    names: dict[str, Any]  # all that the file defines
    file: str

    def beside(self, suffix: str) -> Any:
        """What the file calls ``NAME`` and a suffix, such as ``loss_args``; None without."""
        return self.names.get(self.name + suffix)


def is_named_function(target: str) -> bool:
    """Whether a text names a function in a file, and no folder.

    >>> is_named_function("model.py:loss"), is_named_function("runs/mnist-1")
    (True, False)
    """
    file, _, name = target.rpartition(":")
    if file.endswith(".py") and name.isidentifier():
        return True
    if (file or name).endswith(".py") and not Path(target).is_dir():
        raise click.UsageError(f"{target}: a function of a Python file is meant by FILE.py:NAME")
    return False


def named_function(target: str) -> Named:
    """The function; the file is run, as a module, with its folder among those of imports."""
    file, _, name = target.rpartition(":")
    path = Path(file).resolve()
    if not path.is_file():
        raise click.UsageError(f"{file}: no such file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise click.ClickException(
            f"{file} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path.remove(str(path.parent))
    names: dict[str, Any] = dict(vars(module))
    found = names.get(name)
    if not callable(found):
        functions = [n for n, x in names.items() if callable(x) and not n.startswith("_")]
        known = f"it has {', '.join(sorted(functions))}" if functions else "it has none"
        raise click.UsageError(f"{file} has no function {name}; {known}")
    return Named(found, name, names, str(path))


@contextmanager
def told_with_line(file: str | None) -> Generator[None]:
    """What goes wrong inside of the file is told in one line that begins with the file's line.

    An error that never was there is none of the file's, and goes on as it is.
    """
    try:
        yield
    except Exception as error:
        where = line_in(error, [] if file is None else [file])
        if where is None or isinstance(error, GradientError):
            raise
        kind = "" if isinstance(error, ChainruleError) else f"{type(error).__name__}: "
        raise click.ClickException(f"{where}: {kind}{error}") from error


class Input(click.ParamType[Any]):
    """An argument: a Python literal, or ``shape=(3,4)`` for normal random numbers."""

    name = "input"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse the text."""
        text = str(value).strip()
        try:
            if text.startswith("shape="):
                shape = ast.literal_eval(text[6:])
                return cast("Any", np.random.default_rng(0).standard_normal(shape))
            return _arrays(ast.literal_eval(text))
        except (ValueError, SyntaxError, TypeError):
            self.fail(
                f"{text!r} is neither a Python literal, such as 2.0, [1.0, 2.0] or 'sum', nor"
                " shape=(3, 4) for random numbers",
                param,
            )


def _arrays(literal: Any) -> Any:
    """Lists as arrays, inside of tuples and dicts, too."""
    if isinstance(literal, list):
        return np.asarray(cast("list[Any]", literal))
    if isinstance(literal, tuple):
        return tuple(map(_arrays, cast("tuple[Any, ...]", literal)))
    if isinstance(literal, dict):
        return {key: _arrays(x) for key, x in cast("dict[Any, Any]", literal).items()}
    return literal
