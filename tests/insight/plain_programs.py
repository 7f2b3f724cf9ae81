"""Functions of plain NumPy whose derivations are compared with golden text."""

# ruff: noqa: RET504, SIM108 - they are written as in a text, and lines that do not run stand in them

import numpy as np

import chainrule as cr

W = np.array([[1.0, 2.0], [0.5, -1.0]])


def essay(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e


def unnamed(a, b):
    return (a + b) * (b + 1)


def f(x):
    return np.sum(np.sin(W @ x) ** 2)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logsumexp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def network(params, x, y):
    """Two layers and the quadratic cost."""
    W1, b1, W2, b2 = params
    h = np.tanh(W1 @ x + b1)
    a = sigmoid(W2 @ h + b2)
    # half of the squared distance
    return 0.5 * np.sum((a - y) ** 2)


def newton(a):
    x = a
    for _ in range(2):
        x = (x + a / x) / 2
    return x


def branch(x):
    if x > 0:
        y = np.log(x)
    else:
        y = -x
    return y


def written(x):
    y = np.zeros(3) + x
    y[0] = x[1] * x[2]
    return y @ y


def comprehension(x):
    return sum([xi**2 for xi in x])


def scanned(h, xs):
    def body(c, x):
        c = np.tanh(c + x)
        return c, c

    last, ys = cr.scan(body, h, xs)
    return np.sum(last * ys)


def chosen(x):
    return cr.cond(x > 0, lambda t: t * 2, lambda t: -t, x)


def steps(x):
    for _ in range(200):
        x = x + 0.01 * np.sin(x)
    return x


def settings(p, x, n):
    for _ in range(n):
        x = np.sin(p["W"] @ x + p["b"])
    return np.sum(x)


def floored(x, y):
    return np.sum(np.floor(x)) * y


def layer(W, b, X):
    H = np.tanh(X @ W.T + b)
    return np.sum(H * H.T[:, :1])


def gram(X):
    G = X.T @ X
    return np.sum(G.T[0] * G[1])
