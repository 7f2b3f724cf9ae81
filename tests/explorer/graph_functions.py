"""Functions of plain NumPy that the graph screen is tried with."""

from __future__ import annotations

import numpy as np

import chainrule as cr
from chainrule.explorer.subjects import FunctionSubject

W = np.array([[0.5, -0.25], [0.1, 0.3]])


def fan(x, y):
    u = x * y
    p = np.sin(u)
    q = np.exp(u)
    r = u + 1
    return p * q + r


def layer(x, v):
    z = W @ x + v
    return np.tanh(z)


def arrays(x, v):
    a = layer(x, v)
    b = layer(a, v)
    return np.sum((b - x) ** 2)


def rows(x):
    return np.exp(x) * x[0]


def loop(x, w):
    def turn(c, x_t):
        c = np.tanh(c * w + x_t)
        return c, c * c

    c, squares = cr.scan(turn, 0.0 * w, x)
    return c + np.sum(squares)


def chosen(x):
    return cr.cond(x > 0, lambda y: y * y, lambda y: -y, x)


def failing(x):
    y = np.sin(x)
    return np.linalg.cholesky(y * np.ones(3))


def deep(x):
    for _ in range(400):
        u = np.sin(x)
        w = u * 0.5
        v = np.cos(w)
        z = v + w
        x = z * 0.9
    return x


def subject(f, *args) -> FunctionSubject:
    return FunctionSubject(f.__name__, f, args, __file__)


FAN = subject(fan, 0.5, 2.0)
ARRAYS = subject(arrays, np.array([1.0, 2.0]), np.array([0.1, 0.2]))
ROWS = subject(rows, np.array([1.0, 2.0, 3.0]))
LOOP = subject(loop, np.array([1.0, 2.0, 3.0]), 0.5)
CHOSEN = subject(chosen, 3.0)
FAILING = subject(failing, 1.0)
DEEP = subject(deep, 0.5)
EVERY = (FAN, ARRAYS, ROWS, LOOP, CHOSEN, FAILING, DEEP)
