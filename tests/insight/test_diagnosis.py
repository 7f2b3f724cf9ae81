"""Each rule of the diagnosis on a network that has the illness and on one that has not."""

from __future__ import annotations

import json

import numpy as np
import pytest

import chainrule as cr
from chainrule.insight.diagnosis.diagnose import RULES

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 6))
CLASSES = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)


def network(*sizes, **settings):
    return cr.nn.Network([6, *sizes], **{"init": "scaled", "seed": 1} | settings)


def relu_network(*sizes, **settings):
    return network(*sizes, **{"activation": "relu", "cost": "log-likelihood"} | settings)


def severity(rule, net, data=(X, CLASSES), **settings):
    return cr.insight.diagnose(net, data, **settings)[rule].severity


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
    wide.weights[0] *= 20  # saturated at both ends, though not always at one
    assert severity("saturated layers", wide) == "warning"
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


# ---- learning rate -------------------------------------------------------------------------------


def least_squares():
    """A linear network, whose cost is quadratic, with targets it can reach."""
    net = network(3, activation="identity", seed=0)
    return net, (X, X @ np.random.default_rng(1).normal(size=(6, 3)))


@pytest.mark.parametrize("factor", [3.0, 1.9, 1.0, 0.02])
def test_learning_rate_too_high_and_really_so(factor):
    net, data = least_squares()
    eta = factor / cr.insight.curvature(net, *data).largest
    found = cr.insight.diagnose(net, data, eta=eta)["learning rate too high"]
    assert found.severity == ("illness" if factor > 2 else "healthy")
    assert found.numbers["over_limit"] == pytest.approx(factor / 2)
    before = net.total_cost(*data)
    for _ in range(60):
        net.update_mini_batch(list(zip(*data)), eta)
    assert (net.total_cost(*data) > 1e6 * before) == (factor > 2)


def test_what_ten_steps_do_is_real():
    net, data = least_squares()
    eta = 3 / cr.insight.curvature(net, *data).largest
    found = cr.insight.diagnose(net, data, eta=eta)["learning rate too high"]
    for _ in range(10):
        net.update_mini_batch(list(zip(*data)), eta)
    assert found.numbers["cost_after_steps"] == pytest.approx(net.total_cost(*data))
    assert "really" in found.sentence


def test_momentum_allows_larger_steps():
    net, data = least_squares()
    eta = 3 / cr.insight.curvature(net, *data).largest
    with_momentum = cr.optim.sgd(eta, momentum=0.9)  # stable up to 2 (1 + 0.9) = 3.8
    assert severity("learning rate too high", net, data, optimiser=with_momentum) == "healthy"
    above = cr.optim.sgd(2 * eta, momentum=0.9)
    assert severity("learning rate too high", net, data, optimiser=above) == "illness"


def test_learning_rate_at_the_edge_of_stability():
    net, data = least_squares()
    eta = 2.2 / cr.insight.curvature(net, *data).largest
    assert severity("learning rate too high", net, data, eta=eta) == "note"


def test_learning_rate_too_low():
    net, data = least_squares()
    largest = cr.insight.curvature(net, *data).largest
    found = cr.insight.diagnose(net, data, eta=0.001 / largest)["learning rate too low"]
    assert found.severity == "warning"
    assert found.numbers["part_of_half_limit"] == pytest.approx(0.001)
    before = net.total_cost(*data)
    net.update_mini_batch(list(zip(*data)), 0.001 / largest)
    gained = before - net.total_cost(*data)
    assert 0 < gained < 0.01 * before
    assert found.numbers["predicted_change"] == pytest.approx(-gained)
    for factor in (0.1, 1.0):
        assert severity("learning rate too low", net, data, eta=factor / largest) == "healthy"


def test_a_low_learning_rate_does_not_matter_where_all_is_learned():
    net, (X, Y) = least_squares()
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), Y, rcond=None)[0]
    net.weights, net.biases = [exact[:-1].T + 0.01], [exact[-1]]
    assert severity("learning rate too low", net, (X, Y), eta=1e-6) == "healthy"


def test_what_is_not_claimed_of_adam_and_without_a_rate():
    unjudged = cr.insight.diagnose(network(9, 2), (X, CLASSES), optimiser=cr.optim.adam()).unjudged
    assert "38,000" in unjudged["learning rate too high"]  # 38 / eta
    unjudged = cr.insight.diagnose(network(9, 2), (X, CLASSES)).unjudged
    assert "eta=" in unjudged["learning rate too low"]


# ---- examples ------------------------------------------------------------------------------------


def test_a_dominating_example():
    net = network(10, 1, activation=["relu", "identity"])
    Y = X[:, :1]
    scaled = X.copy()
    scaled[17] *= 100.0
    found = cr.insight.diagnose(net, (scaled, Y), batch_size=20)["dominating example"]
    assert found.severity == "illness" and found.numbers["example"] == 17
    assert "Its input is" in found.sentence
    far = Y.copy()
    far[17] = 500.0
    found = cr.insight.diagnose(net, (X, far), batch_size=20)["dominating example"]
    assert found.severity == "illness" and "Its output error is" in found.sentence
    assert severity("dominating example", net, (X, Y), batch_size=20) == "healthy"
    assert severity("dominating example", network(10, 2), batch_size=20) == "healthy"


def test_a_dominating_example_of_a_record():
    net = network(10, 1, activation=["relu", "identity"])
    batch, Y = X[:10].copy(), X[:10, :1]
    assert cr.insight.diagnose(net.record(batch, Y))["dominating example"].severity == "healthy"
    batch[3] *= 100.0
    found = cr.insight.diagnose(net.record(batch, Y))["dominating example"]
    assert found.numbers["example"] == 3
    norms = [
        np.sqrt(sum(np.sum(g**2) for part in net.backprop(x, y) for g in part))
        for x, y in zip(batch, Y)
    ]
    assert found.numbers["share"] == pytest.approx(norms[3] / sum(norms))


def test_suspect_labels():
    centres = np.array([[4.0, 0, 0, 0, 0, 0], [0, 4.0, 0, 0, 0, 0], [0, 0, 4.0, 0, 0, 0]])
    true = np.arange(300) % 3
    apart = centres[true] + np.random.default_rng(3).normal(size=(300, 6))
    labels = true.copy()
    labels[[5, 50, 100, 151, 200]] = (true[[5, 50, 100, 151, 200]] + 1) % 3

    def trained(labels):
        net = relu_network(10, 3, init="he")
        net.SGD((apart, labels), 5, 10, 0.1)
        return net

    found = cr.insight.diagnose(trained(labels), (apart, labels))["suspect labels"]
    assert found.severity == "warning"
    suspect = set(found.numbers["examples"])
    assert suspect <= {5, 50, 100, 151, 200} and len(suspect) >= 4
    assert f"{len(suspect)} (" in found.sentence and found.numbers["labels"][0] in (0, 1, 2)
    assert severity("suspect labels", trained(true), (apart, true)) == "healthy"
    untrained = cr.insight.diagnose(relu_network(10, 3), (apart, true))
    assert "train it further" in untrained.unjudged["suspect labels"]


# ---- data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda X: X * 255, "root mean square is 2"),
        (lambda X: X * 1e-4, "root mean square is 9.78e-05"),
        (lambda X: X * np.array([1, 1, 1, 500.0, 1, 1]), "input 3 spreads"),
        (lambda X: X * np.where(np.arange(200) == 9, 100.0, 1.0)[:, None], "example 9 is"),
        (lambda X: np.ones_like(X), "all examples are equal"),
    ],
)
def test_inputs_out_of_scale(spoil, words):
    found = cr.insight.diagnose(network(9, 2), (spoil(X), CLASSES))["inputs out of scale"]
    assert found.severity == "warning" and words in found.sentence
    with_a_constant = np.column_stack([X[:, :5], np.full(200, 0.7)])
    healthy = cr.insight.diagnose(network(9, 2), (with_a_constant, CLASSES))["inputs out of scale"]
    assert healthy.severity == "healthy" and healthy.numbers["constant_features"] == 1


def test_targets_out_of_reach():
    Y = X[:, :1]
    rule = "targets out of reach"
    assert severity(rule, network(9, 1), (X, Y)) == "illness"
    assert severity(rule, network(9, 1, activation=["tanh", "relu"]), (X, Y)) == "illness"
    assert severity(rule, network(9, 1, activation=["tanh", "identity"]), (X, Y)) == "healthy"
    assert severity(rule, network(9, 2)) == "healthy"
    assert severity(rule, relu_network(9, 2)) == "healthy"


@pytest.mark.parametrize(("rare", "expected"), [(1, "warning"), (10, "note"), (80, "healthy")])
def test_rare_classes(rare, expected):
    labels = (np.arange(200) < rare).astype(int)
    assert severity("rare classes", network(9, 2), (X, labels)) == expected


# ---- progress ------------------------------------------------------------------------------------


def history(costs, held_out=None):
    pairs = enumerate(costs, start=1)
    records = [{"epoch": i, "cost": c, "eta": 0.1} for i, c in pairs]
    for record, c in zip(records, held_out or []):
        record["validation_cost"] = c
    return records


def of_history(rule, net, *curves):
    result = cr.FitResult(net.params, history(*curves), model=net, cost=net.cost)
    return cr.insight.diagnose(result, (X, CLASSES))[rule].severity


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
