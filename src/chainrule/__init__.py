"""Backpropagation as a system: one computational graph, traced from plain NumPy.

``import chainrule as cr``; the public names below are all there is to know. Start with ``cr.grad``,
``cr.trace`` and ``cr.nn.Network``. ``cr.insight``, ``cr.plot`` and ``cr.explorer`` are imported
when they are used.
"""

import typing as _typing

from chainrule import data as data
from chainrule import drawing as drawing  # fills the registry of pictures
from chainrule import files as files
from chainrule import nn as nn
from chainrule import ops as ops  # fills the registry of primitives
from chainrule import scipy as scipy
from chainrule.checking.gradients import check_gradients as check_gradients
from chainrule.checking.nonfinite import NonFinite as NonFinite
from chainrule.checking.nonfinite import find_nonfinite as find_nonfinite
from chainrule.checking.report import GradientReport as GradientReport
from chainrule.compile import compile as compile
from chainrule.core.check import check_graph as check_graph
from chainrule.core.errors import ChainruleError as ChainruleError
from chainrule.core.errors import GradientError as GradientError
from chainrule.core.graph import ArrayType as ArrayType
from chainrule.core.graph import Graph as Graph
from chainrule.sparse.derivatives import jacobian as jacobian
from chainrule.sparse.derivatives import sparse_hessian as sparse_hessian
from chainrule.sparse.derivatives import sparse_jacobian as sparse_jacobian
from chainrule.training import optim as optim
from chainrule.training.fit import fit as fit
from chainrule.training.result import FitResult as FitResult
from chainrule.transforms.control.checkpoint import checkpoint as checkpoint
from chainrule.transforms.control.cond import cond as cond
from chainrule.transforms.control.scan import scan as scan
from chainrule.transforms.control.while_loop import while_loop as while_loop
from chainrule.transforms.custom.derivative import custom_derivative as custom_derivative
from chainrule.transforms.custom.implicit import implicit_root as implicit_root
from chainrule.transforms.derived import grad as grad
from chainrule.transforms.derived import hessian as hessian
from chainrule.transforms.derived import hvp as hvp
from chainrule.transforms.derived import stop_gradient as stop_gradient
from chainrule.transforms.derived import value_and_grad as value_and_grad
from chainrule.transforms.examples.norms import ExampleNorms as ExampleNorms
from chainrule.transforms.examples.norms import per_example_norms as per_example_norms
from chainrule.transforms.jvp import jvp as jvp
from chainrule.transforms.jvp import linearize as linearize
from chainrule.transforms.sweeps import count_sweeps as count_sweeps
from chainrule.transforms.taylor.jet import jet as jet
from chainrule.transforms.trace import trace as trace
from chainrule.transforms.vjp import vjp as vjp
from chainrule.transforms.vmap import vmap as vmap

__version__ = "0.1.0"

if _typing.TYPE_CHECKING:
    from chainrule import explorer as explorer
    from chainrule import insight as insight
    from chainrule import plot as plot
else:
    _WHEN_USED = ("explorer", "insight", "plot")

    def __getattr__(name):
        if name not in _WHEN_USED:
            raise AttributeError(f"module 'chainrule' has no attribute {name!r}", name=name)
        from importlib import import_module

        return import_module(f"chainrule.{name}")

    def __dir__():
        return sorted({*globals(), *_WHEN_USED})
