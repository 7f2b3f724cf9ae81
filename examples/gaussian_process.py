"""Statistics: a Gaussian process whose kernel is learned by its marginal likelihood.

Of a function f only noisy values y = f(x) + noise are known. A Gaussian process with the kernel

    k(x, x') = a^2 exp(-(x - x')^2 / (2 l^2)),    K = k(X, X) + s^2 I

explains them with the probability (Rasmussen and Williams, Gaussian Processes for Machine Learning,
2006, equation 2.30)

    -log p(y | X, a, l, s) = y^T K^-1 y / 2 + log det K / 2 + n log(2 pi) / 2,

which is minimised in the logarithms of amplitude a, lengthscale l and noise s. The gradient goes
through the Cholesky factor; by hand it is a trace for each parameter (equation 5.9), written out
below to compare. The data are a draw of the process itself, so the answer is known.

    python examples/gaussian_process.py gaussian_process.png
"""

import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import chainrule as cr

TRUE = {"amplitude": np.log(1.5), "length": np.log(0.8), "noise": np.log(0.25)}
START = {"amplitude": 0.0, "length": np.log(3.0), "noise": 0.0}


def kernel(p, a, b):
    distance = (a[:, None] - b[None, :]) / np.exp(p["length"])
    return np.exp(2 * p["amplitude"] - distance**2 / 2)


def loss(p, x, y):
    """The negative logarithm of the marginal likelihood."""
    K = kernel(p, x, x) + np.exp(2 * p["noise"]) * np.eye(len(x))
    L = np.linalg.cholesky(K)
    weights = cr.scipy.linalg.cho_solve((L, True), y)
    return y @ weights / 2 + np.sum(np.log(np.diag(L))) + len(x) * np.log(2 * np.pi) / 2


def gradient_by_hand(p, x, y):
    """d loss / d theta = tr((K^-1 - w w^T) dK / d theta) / 2 with w = K^-1 y."""
    signal, noise = kernel(p, x, x), np.exp(2 * p["noise"]) * np.eye(len(x))
    inverse = np.linalg.inv(signal + noise)
    inner = inverse - np.outer(inverse @ y, inverse @ y)
    squares = ((x[:, None] - x) / np.exp(p["length"])) ** 2
    slopes = {"amplitude": 2 * signal, "length": signal * squares, "noise": 2 * noise}
    return {name: np.sum(inner * slope) / 2 for name, slope in slopes.items()}


def posterior(p, x, y, at):
    """Mean and standard deviation of f at other places."""
    L = np.linalg.cholesky(kernel(p, x, x) + np.exp(2 * p["noise"]) * np.eye(len(x)))
    cross = kernel(p, x, at)
    half = np.linalg.solve(L, cross)
    mean = cross.T @ cr.scipy.linalg.cho_solve((L, True), y)
    return mean, np.sqrt(np.exp(2 * p["amplitude"]) - np.sum(half**2, axis=0))


def draw(seed, n):
    """Places with a gap, a draw of the process there, and noisy values of it."""
    rng = np.random.default_rng(seed)
    x = np.sort(np.concatenate([rng.uniform(0, 5, n // 2), rng.uniform(7, 12, n - n // 2)]))
    fine = np.linspace(0, 12, 400)
    both = np.concatenate([x, fine])
    L = np.linalg.cholesky(kernel(TRUE, both, both) + 1e-8 * np.eye(len(both)))
    f = L @ rng.standard_normal(len(both))
    return x, f[:n] + np.exp(TRUE["noise"]) * rng.standard_normal(n), fine, f[n:]


def main(picture, seed=4, n=80):
    x, y, fine, f = draw(seed, n)
    path = [START]
    found = cr.scipy.optimize.minimize(loss, START, (x, y), callback=path.append)

    gradient, by_hand = cr.grad(loss)(START, x, y), gradient_by_hand(START, x, y)
    error = max(abs(gradient[name] / by_hand[name] - 1) for name in START)
    seconds = [clock(g, START, x, y) for g in (cr.grad(loss), gradient_by_hand)]
    print(f"gradient against the trace formula: relative difference {error:.1e}")
    print(f"time of one gradient: {seconds[0] * 1e3:.2f} ms, by hand {seconds[1] * 1e3:.2f} ms")
    for name in START:
        print(f"{name:9}  found {np.exp(found.x[name]):.3f}  true {np.exp(TRUE[name]):.3f}")
    print(f"loss {loss(START, x, y):.2f} -> {found.fun:.2f} in {found.nit} steps of BFGS")

    draw_picture(picture, (x, y, fine, f), found.x, path)
    return {"p": found.x, "error": error, "loss": found.fun, "start": loss(START, x, y)}


def clock(f, *args, turns=20):
    start = time.process_time()
    for _ in range(turns):
        f(*args)
    return (time.process_time() - start) / turns


def draw_picture(picture, data, p, path):
    x, y, fine, f = data
    plt.style.use(Path(__file__).with_name("picture.mplstyle"))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6), width_ratios=[3, 2])
    mean, deviation = posterior(p, x, y, fine)
    left.fill_between(fine, mean - 2 * deviation, mean + 2 * deviation, alpha=0.2, label="±2σ of f")
    left.plot(fine, mean, label="posterior mean")
    left.plot(fine, f, "k--", lw=1, label="true f")
    left.plot(x, y, "o", ms=3, color="C1", label="data")
    left.set(xlabel="x", ylabel="y", title=f"Posterior, lengthscale {np.exp(p['length']):.2f}")
    left.legend(ncols=2, loc="upper left")

    lengths, noises = (
        np.linspace(np.log(0.2), np.log(5), 40),
        np.linspace(np.log(0.1), np.log(2), 40),
    )
    losses = [[loss({**p, "length": a, "noise": b}, x, y) for a in lengths] for b in noises]
    above, levels = np.maximum(np.array(losses) - loss(p, x, y), 0.5), 2.0 ** np.arange(-1, 12)
    shown = right.contourf(
        np.exp(lengths), np.exp(noises), above, levels, norm="log", cmap="cividis", extend="max"
    )
    figure.colorbar(shown, ax=right, label="−log p(y) above its minimum  [nats]", format="%g")
    right.plot(*np.exp([[q["length"], q["noise"]] for q in path]).T, "w.-", label="steps of BFGS")
    right.plot(*np.exp([TRUE["length"], TRUE["noise"]]), "*", ms=10, color="C1", label="true")
    right.set(xscale="log", yscale="log", xlabel="lengthscale l", ylabel="noise s")
    right.set_xticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"], minor=False)
    right.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"], minor=False)
    right.minorticks_off()
    right.set_title("Marginal likelihood, at the amplitude found")
    right.legend(loc="lower left", labelcolor="white")
    right.grid(False)
    figure.savefig(picture)


if __name__ == "__main__":
    main(sys.argv[1])
