"""Counts of a summary: by hand, by the whole training graph, and by the memory that is measured."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PRIMITIVES
from chainrule.executors.native.emit import emit
from chainrule.executors.native.lowering import lowered
from chainrule.nn.demands import nbytes, optimised, residuals
from chainrule.nn.objective import mean_cost
from chainrule.sparse.rules import RULES
from chainrule.training.optim import OPTIMISERS
from chainrule.training.step import training_step
from chainrule.transforms import operations as counting
from chainrule.transforms.operations import operations

SEED = cr.nn.Network([784, 30, 10])


def swish(z):
    return z / (1 + np.exp(-z))


def test_counts_of_the_seed_network_by_hand():
    summary = SEED.summary()
    _, hidden, output, cost = summary.rows
    assert summary.parameters == 784 * 30 + 30 + 30 * 10 + 10 == 23_860
    assert summary.forward.counted == 2 * (784 * 30 + 30 * 10) + (30 + 10) + (30 + 10)
    # backwards: -z, sigma(-z), times a, times the cotangent; their sum for the biases; nabla_w
    assert hidden.training.counted - hidden.forward.counted == 30 * 4 + 30 + 2 * 784 * 30
    back = 10 * 4 + 10 + 2 * 30 * 10 + 2 * 30 * 10  # the last of them: delta @ W
    assert output.training.counted - output.forward.counted == back
    assert cost.forward.counted == 3 * 10 + 2  # difference, square, sum; half, sum over examples
    assert cost.training.counted - cost.forward.counted == 2 * 10  # 2 (a - y) / 2n
    assert [row.kept for row in summary.rows] == [784 * 8, 2 * 30 * 8, 2 * 10 * 8, 10 * 8]


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "tanh", "softplus", swish])
@pytest.mark.parametrize("cost", ["quadratic", "cross-entropy", "log-likelihood"])
def test_rows_add_up_to_the_whole_training_graph(activation, cost):
    net = cr.nn.Network([7, 5, 3], activation, cost)
    summary = net.summary()
    types = [{k: ArrayType(v.shape, v.dtype) for k, v in layer.items()} for layer in net.params]

    def whole(n):
        f = cr.value_and_grad(mean_cost(net, net.cost))
        X, Y = (ArrayType((n, k), net.dtype) for k in (7, 3))
        graph = optimised(cr.trace(f)(types, X, Y))
        return operations(graph).counted, sum(nbytes(v.type) for v in residuals(graph, 4))

    (less, kept), (more, kept_more) = whole(4), whole(5)
    difference = summary.training.counted - (more - less)
    assert abs(difference) <= 3  # a pass may join a factor of the cost with one of the output layer
    assert summary.kept_bytes == kept_more - kept


def test_memory_is_what_numpy_measures():
    net = cr.nn.Network([784, 30, 10], "relu", "cross-entropy", dtype="float32")
    summary = net.summary(batch_size=16)
    nbytes_of = lambda tree: sum(x.nbytes for x in cr.core.tree.flatten(tree)[0])
    assert summary.parameter_bytes == nbytes_of(net.params)
    optimiser = {name: make(0.1) for name, make in OPTIMISERS.items()}
    copies = {name: round(nbytes_of(o.init(net.params)) / summary.parameter_bytes, 3)
              for name, o in optimiser.items()}  # fmt: skip
    assert copies == {"sgd": 0, "momentum": 1, "adam": 2}  # as the text says
    X, Y = np.zeros((16, 784), "f4"), np.zeros((16, 10), "f4")
    record = net.record(X, Y)
    kept = record.a[0].nbytes + record.a[1].nbytes + 16 * 30  # of relu which z were positive
    assert sum(row.kept for row in summary.rows[:2]) * 16 == kept


def test_workspace_is_that_of_the_step_that_training_compiles():
    net = cr.nn.Network([784, 30, 10], dtype="float32")
    step = training_step(net, net.cost, cr.optim.sgd(0.5), 0.0, "native")
    X, Y = np.zeros((10, 784), "f4"), np.zeros((10, 10), "f4")
    graph = lowered(step.graph(net.params, (), X, Y, 0.5))
    emitted = emit(graph, donated={i + 1: i for i in range(4)})
    assert emitted.workspaces.keys() == {"w_float32"}
    assert net.summary(batch_size=10).workspace_bytes == 4 * emitted.workspaces["w_float32"]
    assert net.summary(batch_size=10).step_operations == operations(graph)


def test_a_sequential_model_without_a_cost_knows_its_layers():
    model = cr.nn.Sequential([cr.nn.Dense(4, 8), cr.nn.relu, cr.nn.Dense(8, 3)])
    summary = model.summary()
    assert [row.kind for row in summary.rows] == ["input", "dense, relu", "dense"]
    assert summary.step_operations is None
    assert "give cost=" in str(summary)
    wide = model.summary(model.init(0, "float64"), cost="quadratic")
    assert wide.dtype == np.float64
    assert wide.parameter_bytes == 2 * summary.parameter_bytes
    with pytest.raises(cr.ChainruleError, match=r"parameters have shapes .*\(3, 8\)"):
        model.summary(cr.nn.Sequential([cr.nn.Dense(4, 8)]).init(0))
    with pytest.raises(cr.ChainruleError, match="batch_size must be"):
        model.summary(batch_size=0)


def test_a_function_before_the_layers_and_one_that_narrows():
    def halved(x):
        return x / 2

    model = cr.nn.Sequential([halved, cr.nn.Dense(4, 8), cr.nn.tanh, swish, lambda z: z[:, :2]])
    first, second = model.summary().rows
    assert (first.kind, first.forward.counted) == ("input, halved", 4)
    assert (second.n_out, second.kind) == (2, "dense, tanh, swish, <lambda>")


def test_what_has_no_count_is_named():
    def whitened(z):
        return z @ np.linalg.inv(np.cov(z.T) + np.eye(3))

    text = str(cr.nn.Sequential([cr.nn.Dense(4, 3), whitened]).summary(cost="quadratic"))
    assert "solve" in next(line for line in text.splitlines() if line.startswith("not counted"))


def test_workspace_of_a_step_that_is_not_all_native():
    def rotated(z):
        return z @ np.linalg.qr(np.eye(3) + 0 * z.T @ z)[0]

    summary = cr.nn.Sequential([cr.nn.Dense(4, 3), rotated]).summary(cost="quadratic")
    assert summary.workspace_bytes is None
    assert "machine code not known" in str(summary)
    assert summary.step_operations.uncounted["qr"] >= 1


def test_every_other_primitive_is_elementwise():
    counted = counting.MOVES | counting.REDUCTIONS | counting.UNCOUNTED | counting._RULES.keys()
    elementwise = {"elementwise", "product", "signed", "choice"}  # of which inputs entries depend
    for name in PRIMITIVES.keys() - counted:
        rule = RULES.get(name)
        primitive = PRIMITIVES[name]
        assert primitive.is_constant if rule is None else rule.__name__ in elementwise, name
    assert counted <= PRIMITIVES.keys()


def test_operations_of_loops_branches_and_products():
    x, M = np.ones(5), np.ones((4, 5))
    count = lambda f, *args: operations(cr.trace(f)(*args)).counted
    assert count(lambda x: cr.scan(lambda c, _: (c * x, None), x, None, 7)[0], x) == 7 * 5
    assert count(lambda x: cr.cond(x[0] > 0, lambda x: x * x, lambda x: x, x), x) == 1 + 5
    assert count(lambda x, M: np.einsum("ij,j->i", M, x), x, M) == 2 * 20
    assert count(lambda x, M: np.einsum("ij,j->ij", M, x), x, M) == 20
    assert count(cr.checkpoint(np.exp), x) == 5
    assert count(lambda x: cr.scipy.special.logsumexp(x), x) >= 3 * 5
    assert count(lambda x: x[np.array([0, 0, 1])].sum() + x[::-1].reshape(5, 1)[0, 0], x) == 3 + 1


GOLDEN = """\
Network([784, 30, 10], activation='relu', cost='log-likelihood', dtype='float32'), float32

layer                            in  out   weights  biases  parameters  forward  training     kept
0  input                        784  784                                                   3.14 kB
1  dense, relu                  784   30  30 x 784      30      23,550   47,130    94,230    150 B
2  dense, softmax                30   10   10 x 30      10         310      662     1,820
C  log-likelihood with softmax   10    1                                              127     84 B
--------------------------------------------------------------------------------------------------
total                                                           23,860   47,792    96,177  3.37 kB

"""


def test_text_and_html():
    net = cr.nn.Network([784, 30, 10], "relu", "log-likelihood", dtype="float32")
    summary = net.summary()
    text = str(summary)
    assert text.startswith(GOLDEN), text
    assert max(map(len, text.splitlines())) <= 100
    html = summary._repr_html_()
    for part in ("784", "23,860", "96,177", "3.37 kB", "dense, relu"):
        assert part in html


def test_displays_of_models():
    cases = [
        (SEED, "Network([784, 30, 10], activation='sigmoid', cost='quadratic')"),
        (
            cr.nn.Network([2, 3, 1], ["relu", "relu"], "cross-entropy", init="he"),
            "Network([2, 3, 1], activation=['relu', 'relu'], cost='cross-entropy', init='he')",
        ),
        (
            cr.nn.Network([2, 1], swish, dtype="float32"),
            "Network([2, 1], activation=swish, cost='quadratic', dtype='float32')",
        ),
    ]
    for net, text in cases:
        assert repr(net) == text
        assert "parameters" in net._repr_html_()
        again = eval(text, {"Network": cr.nn.Network, "swish": swish})
        assert again.activations == net.activations
        assert (again.cost, again.dtype, again.sizes) == (net.cost, net.dtype, net.sizes)
    model = cr.nn.Sequential([cr.nn.Dense(4, 8, "he"), cr.nn.relu, cr.nn.Dense(8, 3)])
    assert repr(model) == "Sequential([Dense(4, 8, 'he'), relu, Dense(8, 3)])"
    assert "relu" in model._repr_html_() and "67" in model._repr_html_()
