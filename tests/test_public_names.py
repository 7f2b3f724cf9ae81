"""The public names are fixed: users' code and documentation rest on them."""

from __future__ import annotations

import subprocess
import sys
import types

import chainrule as cr

PUBLIC = {
    "ArrayType", "ChainruleError", "ExampleNorms", "FitResult", "GradientError", "GradientReport",
    "Graph", "NonFinite", "check_gradients", "check_graph", "checkpoint", "compile", "cond",
    "count_sweeps", "custom_derivative", "find_nonfinite", "fit", "grad", "hessian", "hvp",
     "implicit_root", "jacobian", "jet", "jvp", "linearize", "per_example_norms", "scan",
    "sparse_hessian", "sparse_jacobian", "stop_gradient", "trace", "value_and_grad", "vjp", "vmap",
    "while_loop",
}  # fmt: skip
NAMESPACES = {"data", "explorer", "files", "insight", "nn", "ops", "optim", "plot", "scipy"}
NN = {
    "Cost", "Dense", "LayerSummary", "Network", "Record", "Sequential", "Summary", "gelu",
    "identity", "leaky_relu", "relu", "sigmoid", "softmax", "softplus", "tanh",
}  # fmt: skip
INSIGHT = {
    "Explanation",
    "explain",
    "Derivation",
    "FunctionDerivation",
    "Line",
    "derivation",
    "Curvature",
    "Diagnosis",
    "ErrorFlow",
    "ExampleGradients",
    "Finding",
    "LayerErrors",
    "SuspectLabels",
    "curvature",
    "diagnose",
    "error_flow",
    "example_gradients",
    "suspect_labels",
    "Cascade",
    "Demon",
    "Nudge",
    "Ranks",
    "cascade",
    "nudge",
    "rank",
    "Confusion",
    "LayerNeurons",
    "Mistakes",
    "NamedRecord",
    "Neurons",
    "ParameterReport",
    "Paths",
    "Provenance",
    "VCurve",
    "check_parameters",
    "confusion",
    "misclassified",
    "name",
    "neurons",
    "paths",
    "provenance",
    "record",
    "v_curve",
}
PLOT = {
    "cascade", "confusion_matrix", "first_layer_weights", "gradient_norms", "histograms", "images",
    "learning_curves", "misclassified", "nudge_curve", "saturation",
}  # fmt: skip
FOLDERS = {
    "branches",
    "checking",
    "cli",
    "compile",
    "core",
    "drawing",
    "executors",
    "passes",
    "sparse",
    "training",
    "transforms",
}  # modules that importing the package brings along


def names(module) -> set[str]:
    return {name for name in vars(module) if not name.startswith("_")}


def test_names_of_the_package():
    found = {n for n in names(cr) if not isinstance(getattr(cr, n), types.ModuleType)}
    assert found == PUBLIC
    assert names(cr) - found - FOLDERS == NAMESPACES


def test_names_of_nn():
    assert {n for n in names(cr.nn) if not isinstance(getattr(cr.nn, n), types.ModuleType)} == NN


def test_names_of_insight():
    found = {n: getattr(cr.insight, n) for n in names(cr.insight)}
    assert {n for n, x in found.items() if not isinstance(x, types.ModuleType)} == INSIGHT
    assert all((found[name].__doc__ or "").strip() for name in INSIGHT)


def test_names_of_plot():
    found = {n: getattr(cr.plot, n) for n in names(cr.plot)}
    assert {n for n, x in found.items() if not isinstance(x, types.ModuleType)} == PLOT
    assert all((found[name].__doc__ or "").strip() for name in PLOT)


def test_names_of_explorer():
    public = {name for name in dir(cr.explorer) if not name.startswith("_")}
    found = {n: getattr(cr.explorer, n) for n in public}
    named = {n for n, x in found.items() if not isinstance(x, types.ModuleType)}
    assert named == {"export", "serve", "widget"}
    assert all((found[name].__doc__ or "").strip() for name in named)


def test_names_of_scipy():
    linalg = {
        "block_diag", "cho_factor", "cho_solve", "cholesky", "det", "eigh", "eigvalsh", "expm",
        "inv", "lstsq", "lu", "lu_factor", "lu_solve", "norm", "pinv", "qr", "solve",
        "solve_banded", "solve_sylvester", "solve_triangular", "sqrtm", "svd", "svdvals",
        "toeplitz",
    }  # fmt: skip
    assert all(getattr(cr.scipy.linalg, name).__doc__ for name in linalg)
    assert names(cr.scipy.linalg) - {"functions", "structured", "systems"} == linalg
    assert names(cr.scipy) == {"integrate", "linalg", "optimize", "signal", "special", "stats"}


def test_names_of_solvers():
    solvers = {
        cr.scipy.integrate: {
            "Solution", "cumulative_trapezoid", "odeint", "quad", "simpson", "solve_ivp",
            "trapezoid",
        },
        cr.scipy.optimize: {"least_squares", "minimize", "root"},
    }  # fmt: skip
    for module, wanted in solvers.items():
        found = {n: getattr(module, n) for n in names(module)}
        assert {n for n, x in found.items() if not isinstance(x, types.ModuleType)} == wanted
        assert all(found[name].__doc__ for name in wanted)


def test_names_of_special():
    special = {
        "beta", "betainc", "betaincc", "betaln", "digamma", "entr", "erf", "erfc", "erfcinv",
        "erfcx", "erfinv", "exp10", "expit", "expm1", "gamma", "gammainc", "gammaincc", "gammaln",
        "huber", "i0", "i0e", "i1", "i1e", "iv", "ive", "j0", "j1", "jn", "jv", "kl_div", "log1p",
        "log_expit", "log_ndtr", "log_softmax", "logit", "loggamma", "logsumexp", "multigammaln",
        "ndtr", "ndtri", "polygamma", "psi", "rel_entr", "softmax", "stdtr", "xlog1py", "xlogy",
        "y0", "y1", "yn", "zeta",
    }  # fmt: skip
    found = names(cr.scipy.special)
    assert {n for n in found if callable(getattr(cr.scipy.special, n))} == special
    assert all(getattr(cr.scipy.special, name).__doc__ for name in special)


def test_names_of_stats():
    stats = {
        "beta", "chi2", "dirichlet", "expon", "gamma", "laplace", "lognorm", "multivariate_normal",
        "norm", "poisson", "t",
    }  # fmt: skip
    found = {n: getattr(cr.scipy.stats, n) for n in names(cr.scipy.stats)}
    assert {n for n, x in found.items() if not isinstance(x, (type, types.ModuleType))} == stats
    assert all(found[name].__doc__ for name in stats)


def test_compile_is_the_function_and_not_the_module():
    assert cr.compile(lambda x: x + 1)(1.0) == 2.0


def test_every_public_name_has_a_docstring():
    for name in PUBLIC | NN:
        thing = getattr(cr, name, None) or getattr(cr.nn, name)
        assert (thing.__doc__ or "").strip(), name


def test_what_looks_into_networks_is_imported_when_it_is_used():
    program = (
        "import sys, chainrule as cr;"
        "print([m for m in sys.modules if m.startswith(('chainrule.insight', 'xml.sax'))]);"
        "print(cr.insight.rank.__name__, cr.plot.images.__name__)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split("\n") == ["[]", "rank images", ""], done.stderr
