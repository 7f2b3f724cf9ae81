"""What a prompt shows of a result is its text, and never the fields of a dataclass."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import chainrule as cr


def classes_with_a_text():
    for package in (cr.insight, cr.checking):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, x in vars(importlib.import_module(found.name)).items():
                if inspect.isclass(x) and x.__module__ == found.name and "__str__" in vars(x):
                    yield pytest.param(x, id=f"{found.name}.{name}")


@pytest.mark.parametrize("kind", list(classes_with_a_text()))
def test_a_prompt_shows_the_text(kind):
    assert issubclass(kind, Exception) or kind.__repr__ is kind.__str__
