"""Scientific computing: the parameters of a predator-prey equation from noisy counts.

Hares x and lynxes y live by the equations of Lotka and Volterra,

    x' = a x - b x y,    y' = c x y - d y,

of which the start and the four rates are unknown. The counts at some times have errors of a tenth,
so the sum of squares of log(count / solution) is minimised in the logarithms of all six numbers.
SciPy solves the equation; the gradient is the adjoint equation's (cr.scipy.integrate.odeint).

How the solution depends on a rate is a derivative, too. Forward differences need a step: too large
and the formula is wrong, too small and the solver's tolerance, divided by the step, is what they
show. The second picture has their error for every step, and that of our derivatives.

    python examples/predator_prey.py predator_prey.png
"""

import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import chainrule as cr

NAMES = ["x(0)", "y(0)", "a", "b", "c", "d"]
TRUE = np.log([34.0, 6.0, 0.55, 0.028, 0.024, 0.80])
START = np.log([20.0, 10.0, 0.4, 0.02, 0.02, 0.6])
PRECISE = {"rtol": 1e-12, "atol": 1e-12}


@cr.compile
def rates(state, t, a, b, c, d):
    x, y = state
    return np.stack([a * x - b * x * y, c * x * y - d * y])


def solution(p, t, **tolerances):
    """Hares and lynxes at the times t, shape (times, 2)."""
    x, y, a, b, c, d = np.exp(p)
    return cr.scipy.integrate.odeint(rates, [x, y], t, (a, b, c, d), **tolerances)


def loss(p, t, counts):
    return np.sum(np.log(counts / solution(p, t)) ** 2)


def measure(seed, n):
    rng = np.random.default_rng(seed)
    t = np.linspace(0.0, 20.0, n)
    return t, solution(TRUE, t) * np.exp(0.1 * rng.standard_normal((n, 2)))


def sensitivity_errors(t, steps):
    """Errors of d x(end) / d p, and seconds: differences for each step, and our two ways."""

    def end(p):
        return solution(p, t[[0, -1]])[-1, 0]

    exact = cr.jacobian(lambda p: solution(p, t[[0, -1]], **PRECISE)[-1, 0])(TRUE)

    def differences(step):
        return np.array([(end(TRUE + step * unit) - end(TRUE)) / step for unit in np.eye(6)])

    ways = {f"{step:.0e}": lambda step=step: differences(step) for step in steps}
    ways["forward mode"] = lambda: cr.jacobian(end, mode="forward")(TRUE)
    ways["adjoint"] = lambda: cr.grad(end)(TRUE)
    found = {}
    for name, way in ways.items():
        way()  # compiles
        began = time.process_time()
        error = np.max(np.abs(way() - exact)) / np.max(np.abs(exact))
        found[name] = error, time.process_time() - began
    return found


def main(picture, seed=1, n=41, decades=10):
    t, counts = measure(seed, n)
    began = time.process_time()
    found = cr.scipy.optimize.minimize(loss, START, (t, counts), method="BFGS", tol=1e-5)
    took = time.process_time() - began
    first, truth = loss(START, t, counts), loss(TRUE, t, counts)
    print(f"loss {first:.2f} -> {found.fun:.3f}, at the truth {truth:.3f}")
    print(f"{found.nfev} gradients, {took:.1f} s of one core")
    deviations = np.sqrt(np.diagonal(found.hess_inv) * 2 * found.fun / (2 * n - 6))
    for name, p, deviation, true in zip(NAMES, found.x, deviations, TRUE, strict=True):
        print(f"{name:5} {np.exp(p):8.4f} +- {np.exp(p) * deviation:.4f}   true {np.exp(true):.4f}")
    errors = sensitivity_errors(t, 10.0 ** -np.arange(1, decades + 1))
    for name, (error, seconds) in errors.items():
        print(f"{name:13}  relative error {error:.1e}  {seconds * 1e3:6.1f} ms")
    draw_picture(picture, t, counts, found.x, errors)
    return {"p": found.x, "deviations": deviations, "loss": found.fun, "errors": errors}


def draw_picture(picture, t, counts, p, errors):
    plt.style.use(Path(__file__).with_name("picture.mplstyle"))
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11.5, 3.3), width_ratios=[4, 4, 3])
    fine = np.linspace(t[0], t[-1], 300)
    fitted, first = solution(p, fine), solution(START, fine)
    for i, name in enumerate(["hares", "lynxes"]):
        left.plot(t, counts[:, i], "o", ms=3, color=f"C{i}")
        left.plot(fine, fitted[:, i], color=f"C{i}", label=f"{name}, fitted")
        left.plot(fine, first[:, i], ":", lw=1, color=f"C{i}", label=f"{name}, at the start")
    left.set(xlabel="time [years]", ylabel="count [thousands]", title="Counts and fit")
    left.set_ylim(0, 1.5 * np.max(counts))
    left.legend(ncols=2)
    slopes = cr.jacobian(lambda p: solution(p, fine)[:, 0])(p)
    for i, name in enumerate(NAMES[2:], 2):
        middle.plot(fine, slopes[:, i], label=f"{name}")
    middle.set(xlabel="time [years]", ylabel="∂x / ∂ log(rate) [thousands]")
    middle.set_title("Sensitivity of the hares to each rate")
    middle.legend(ncols=4, loc="upper left")
    steps = [(float(name), error) for name, (error, _) in errors.items() if name[0].isdigit()]
    right.loglog(*zip(*steps, strict=True), "o-", ms=3, label="forward differences")
    right.axhline(errors["forward mode"][0], color="C1", label="forward mode")
    right.axhline(errors["adjoint"][0], color="C2", ls="--", label="adjoint")
    right.set(xlabel="step of the differences", ylabel="relative error of ∂x(20) / ∂ log p")
    right.set_title("Errors of sensitivities")
    right.legend()
    figure.savefig(picture)


if __name__ == "__main__":
    main(sys.argv[1])
