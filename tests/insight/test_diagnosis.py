"""Each rule of the diagnosis on a network that has the illness and on one that has not."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.insight.patients import CLASSES, X, network, relu_network, severity

import chainrule as cr
from chainrule.insight.diagnosis.diagnose import RULES


@pytest.fixture(scope="module")
def well():
    """A network with no illness, trained a little, and its diagnosis."""
    net = cr.nn.Network([6, 16, 2], activation="tanh", cost="log-likelihood", init="scaled", seed=2)
    result = cr.fit(
        net, (X, CLASSES), optimiser=cr.optim.sgd(0.3), epochs=15, batch_size=20,
        validation=(X, CLASSES), executor="interpreter",
    )  # fmt: skip
    return cr.insight.diagnose(result, (X, CLASSES), eta=0.3, batch_size=20)


def test_a_healthy_network_has_no_illness(well):
    assert {f.severity for f in well.findings} <= {"note"}, str(well)
    assert {f.rule for f in well.findings} <= {"suspect labels", "dominating example"}
    assert set(well.unjudged) == {"stuck outputs"}


# ---- errors --------------------------------------------------------------------------------------


def test_vanishing_errors():
    deep = network(*[20] * 8, 2)
    found = cr.insight.diagnose(deep, (X, CLASSES))["vanishing errors"]
    assert found.severity == "illness"
    assert found.numbers["per_layer"] < 0.25  # sigma' is at most 1/4
    record = deep.record(X, CLASSES)
    norms = {n: np.linalg.norm(record.delta[n]) for n in (1, 9)}
    assert found.numbers["factor"] == pytest.approx(norms[1] / norms[9])
    assert f"between layers {found.numbers['layer'] + 1}" in found.sentence
    assert severity("vanishing errors", network(20, 2)) == "healthy"
    assert severity("vanishing errors", relu_network(*[20] * 8, 2, init="he")) == "healthy"


def test_the_layer_where_errors_vanish_is_named():
    net = relu_network(20, 20, 20, 20, 2, init="he")
    net.weights[2] *= 4e-3  # between layers 3 and 2
    found = cr.insight.diagnose(net, (X, CLASSES))["vanishing errors"]
    assert found.severity == "warning" and "between layers 3 and 2" in found.sentence


def test_exploding_errors():
    def wide(rng, n_in, n_out):
        return rng.normal(size=(n_out, n_in)), np.zeros(n_out)

    deep = relu_network(*[40] * 8, 2, init=wide)
    found = cr.insight.diagnose(deep, (X, CLASSES))["exploding errors"]
    assert found.severity == "illness" and found.numbers["per_layer"] > 2
    assert severity("exploding errors", relu_network(*[20] * 8, 2, init="he")) == "healthy"
    assert severity("exploding errors", network(*[20] * 8, 2)) == "healthy"


# ---- neurons -------------------------------------------------------------------------------------


def test_saturated_layers():
    stuck = network(20, 20, 2)
    stuck.biases[0] = np.full(20, 12.0)
    found = cr.insight.diagnose(stuck, (X, CLASSES))["saturated layers"]
    assert found.severity == "illness" and "Layer 1 (sigmoid)" in found.sentence
    assert found.numbers["saturated"][1] == 1 and found.numbers["saturated"][2] < 0.05
    wide = network(20, 2)
    wide.weights[0] *= 60  # saturated at both ends, though not always at one
    assert severity("saturated layers", wide) == "warning"
    trained = network(20, 2)
    trained.weights[0] *= 15  # half of it saturated, but a fifth of the slope is left
    found = cr.insight.diagnose(trained, (X, CLASSES))["saturated layers"]
    assert found.severity == "healthy" and found.numbers["saturated"][1] > 0.5
    assert severity("saturated layers", network(20, 20, 2)) == "healthy"
    assert "saturated layers" in cr.insight.diagnose(relu_network(9, 2), (X, CLASSES)).unjudged


def test_stuck_outputs():
    def net(cost):
        stuck = network(10, 2, cost=cost)
        stuck.biases[1] = np.array([9.0, -9.0])  # always class 0
        return stuck

    found = cr.insight.diagnose(net("quadratic"), (X, CLASSES))["stuck outputs"]
    assert found.severity == "illness"
    assert found.numbers["wrong_and_saturated"] == (CLASSES == 1).sum()
    assert severity("stuck outputs", net("cross-entropy")) == "healthy"
    assert severity("stuck outputs", network(10, 2)) == "healthy"


def test_dead_neurons():
    net = relu_network(20, 2, init="he")
    net.biases[0][:12] = -50.0
    found = cr.insight.diagnose(net, (X, CLASSES))["dead neurons"]
    assert found.severity == "illness" and found.numbers["dead"] == {1: list(range(12))}
    net.biases[0][1:12] = 0.0
    assert severity("dead neurons", net) == "note"
    assert severity("dead neurons", relu_network(20, 2, init="he")) == "healthy"


def test_dead_neurons_of_a_record_alone():
    net = relu_network(20, 2, init="he")
    net.biases[0][[3, 5]] = -50.0
    found = cr.insight.diagnose(net.record(X, CLASSES))["dead neurons"]
    assert found.numbers["dead"] == {1: [3, 5]} and found.severity == "warning"


def test_constant_neurons():
    net = relu_network(20, 2, init="he")
    net.weights[0][4] = 0.0
    net.biases[0][4] = 1.0
    found = cr.insight.diagnose(net, (X, CLASSES))["constant neurons"]
    assert found.severity == "warning" and found.numbers["constant"] == {1: [4]}
    assert severity("constant neurons", relu_network(20, 2, init="he")) == "healthy"


def test_equal_neurons():
    def equal(rng, n_in, n_out):
        return np.full((n_out, n_in), 0.1), np.zeros(n_out)

    net = network(20, 2, init=equal)
    assert severity("equal neurons", net) == "illness"
    net.SGD((X, CLASSES), 1, 20, 0.5)
    assert severity("equal neurons", net) == "illness"  # training does not help
    twins = network(20, 2)
    twins.weights[0][1], twins.weights[1][:, 1] = twins.weights[0][0], twins.weights[1][:, 0]
    assert severity("equal neurons", twins) == "warning"
    assert severity("equal neurons", network(20, 2)) == "healthy"


# ---- progress ------------------------------------------------------------------------------------


def history(costs, held_out=None):
    pairs = enumerate(costs, start=1)
    records = [{"epoch": i, "cost": c, "eta": 0.1} for i, c in pairs]
    for record, c in zip(records, held_out or []):
        record["validation_cost"] = c
    return records


def found_in_history(rule, net, *curves):
    result = cr.FitResult(net.params, history(*curves), model=net, cost=net.cost)
    return cr.insight.diagnose(result, (X, CLASSES))[rule]


def of_history(rule, net, *curves):
    return found_in_history(rule, net, *curves).severity


def test_nothing_learned(well):
    fresh = network(9, 2)
    assert of_history("nothing learned", fresh, [0.3, 0.3]) == "illness"
    assert severity("nothing learned", fresh) == "note"
    large = network(9, 2, activation=["tanh", "identity"])
    large.weights[1] *= 10.0
    assert severity("nothing learned", large) == "warning"
    assert well["nothing learned"].severity == "healthy"


def test_unsteady_cost():
    def judged(costs):
        return of_history("unsteady cost", network(9, 2), costs)

    assert judged([1.0, 0.5, 0.4, 1.3]) == "illness"
    assert judged([1.0, 0.5, 0.6, 0.4]) == "warning"
    assert judged([1.0, 0.5, 0.51, 0.4]) == "healthy"
    assert judged([1.0, 0.5, float("nan")]) == "illness"


def test_overfitting():
    def judged(held_out):
        return of_history("overfitting", network(9, 2), [1.0, 0.5, 0.2, 0.1], held_out)

    assert judged([1.0, 0.6, 0.7, 1.0]) == "illness"
    assert judged([1.0, 0.6, 0.61, 0.66]) == "warning"
    assert judged([1.0, 0.6, 0.55, 0.56]) == "healthy"


def test_both_costs_rising_is_no_overfitting():
    costs, held_out = [0.4, 0.2, 0.3], [0.5, 0.3, 0.5]
    found = found_in_history("overfitting", network(9, 2), costs, held_out)
    assert found.severity == "healthy" and "so is that on training examples" in found.sentence


# ---- numbers that are not finite -----------------------------------------------------------------


def test_numbers_not_finite():
    net = network(9, 2)
    net.weights[1][0, 0] = np.nan
    found = cr.insight.diagnose(net, (X, CLASSES), eta=0.1)
    assert found["numbers not finite"].severity == "illness"
    assert "1 number of the weights of layer 2" in found["numbers not finite"].sentence
    assert len(found.findings) == 1 and "vanishing errors" in found.unjudged
    assert severity("numbers not finite", network(9, 2)) == "healthy"


def test_the_operation_that_makes_the_first_nan_is_named():
    def logarithm(z):
        return np.log(z)

    net = network(9, 2, activation=[logarithm, "identity"])
    found = cr.insight.diagnose(net, (X, CLASSES))["numbers not finite"]
    assert found.severity == "illness" and "made by log" in found.sentence


# ---- the diagnosis as a whole --------------------------------------------------------------------


def test_every_rule_has_a_source_a_threshold_and_a_remedy(well):
    deep = cr.insight.diagnose(network(*[20] * 8, 2), (X, CLASSES), eta=100.0)
    for diagnosis in (well, deep):
        named = {f.rule for f in diagnosis.findings + diagnosis.healthy} | set(diagnosis.unjudged)
        assert named == {rule.name for rule in RULES}
        for finding in diagnosis.findings + diagnosis.healthy:
            assert finding.source and finding.threshold and finding.sentence and finding.numbers
            assert bool(finding.remedy) == (finding.severity != "healthy"), finding
            json.dumps(dict(finding.numbers))  # plain data


def test_text_and_html_say_the_same():
    net = network(*[20] * 8, 2)
    found = cr.insight.diagnose(net, (X, CLASSES))
    text, html = str(found), found._repr_html_()
    assert "ILLNESS: vanishing errors" in text and "healthy:" in text and "not judged:" in text
    words = " ".join(text.split())
    for finding in found.findings:
        assert finding.sentence in words and finding.source in words
        assert finding.rule in html and finding.source in html
    assert max(map(len, text.splitlines())) <= 96
    with pytest.raises(KeyError, match="eta="):
        found["learning rate too low"]


def test_data_in_all_forms_give_the_same():
    net = network(9, 2, cost="cross-entropy")
    Y = np.eye(2)[CLASSES]
    pairs = [(x[:, None], y[:, None]) for x, y in zip(X, Y)]
    texts = {str(cr.insight.diagnose(net, data)) for data in ((X, CLASSES), (X, Y), pairs)}
    assert len(texts) == 1


def test_a_sample_is_drawn_by_the_seed():
    net = network(9, 2)
    one, same, other = (
        cr.insight.diagnose(net, (X, CLASSES), examples=50, seed=seed) for seed in (0, 0, 1)
    )
    assert "50 of 200 examples" in one.looked_at
    assert str(one) == str(same) and str(one) != str(other)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_examples_are_no_error(n):
    for net in (network(9, 3), network(3), relu_network(9, 3)):
        found = cr.insight.diagnose(net, (X[:n], CLASSES[:n]), eta=0.1)
        assert "rare classes" in found.unjudged
        assert not [f for f in found.findings if f.severity == "illness"]


def test_wrong_use():
    net = network(9, 2)
    with pytest.raises(ValueError, match="needs data"):
        cr.insight.diagnose(net)
    with pytest.raises(ValueError, match="eta must be"):
        cr.insight.diagnose(net, (X, CLASSES), eta=-1.0)
    with pytest.raises(ValueError, match="examples must be"):
        cr.insight.diagnose(net, (X, CLASSES), examples=0)
    with pytest.raises(ValueError, match="is no model"):
        cr.insight.diagnose(3, (X, CLASSES))
    model = cr.nn.Sequential([cr.nn.Dense(6, 2)])
    with pytest.raises(ValueError, match="params="):
        cr.insight.diagnose(model, (X, CLASSES))
