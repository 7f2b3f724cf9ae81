"""No file of the package can run code that a file from outside brings along."""

import ast
from pathlib import Path

import pytest

import chainrule.core.errors

SOURCE = Path(chainrule.core.errors.__file__).parents[1]
FORBIDDEN = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def offences(text):
    """Find imports of picklers, and NumPy loads that may unpickle."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module)):
                modules = [module]
            case ast.Call(func=ast.Name(id="__import__" | "import_module"), args=[first, *_]):
                modules = [getattr(first, "value", "")]
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[first, *_]):
                modules = [getattr(first, "value", "")]
            case ast.Call(keywords=keywords):
                for keyword in keywords:
                    never = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                    if keyword.arg == "allow_pickle" and not never:
                        yield node.lineno, "allow_pickle"
                continue
            case _:
                continue
        for module in modules:
            if str(module).partition(".")[0] in FORBIDDEN:
                yield node.lineno, module


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "import os, joblib.hashing as j",
        "from dill import load",
        "np.load(f, allow_pickle=True)",
        "np.load(f, allow_pickle=flag)",
        "__import__('pickle')",
        "importlib.import_module('shelve')",
    ],
)
def test_offences_are_found(text):
    assert list(offences(text))


def test_harmless_code():
    assert not list(offences("import json\nfrom . import a\nnp.load(f, allow_pickle=False)\nf(x)"))


def test_no_pickle_in_the_package():
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 10
    found = {
        str(path.relative_to(SOURCE)): list(offences(path.read_text("utf-8"))) for path in files
    }
    assert {name: places for name, places in found.items() if places} == {}
