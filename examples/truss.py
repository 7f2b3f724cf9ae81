"""Engineering design: the stiffest truss of a given volume of steel, by adjoint gradients.

Bars i of length L_i and cross-section a_i join nodes; b_i is the direction of bar i in the forces
on the free nodes, and B has these columns. Under a load f the nodes move by u,

    K u = f,    K = B diag(E a / L) B^T,    compliance c = f^T u,

and c is to be least while the volume sum a_i L_i = V stays. First the
cross-sections of all bars of a dense grid are chosen by optimality criteria: where a bar is worth
its steel, -dc/da_i / L_i is the same for all. Most bars vanish. Then the nodes that are left may
move, too, and a_i = V w_i / sum w_j L_j with w = exp(z) keeps the volume for any z.

The derivative in the cross-sections is known by hand, dc/da_i = -E/L_i (b_i^T u)^2, as the adjoint
of K u = f is u itself; in the positions of the nodes nobody writes it down gladly. And the optimum
of the grid is known: a linear program finds c = (min sum L_i |q_i|)^2 / (E V) over all bar forces q
with B q = f (Bendsoe and Sigmund, Topology Optimization, 2003, section 4.1).

    python examples/truss.py truss.png
"""

import sys
from math import gcd
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import linprog

import chainrule as cr

E, V = 210e9, 0.02  # Pa, m^3
LOAD = 50e3  # N


def ground_structure(columns, rows, reach, spacing):
    """Nodes of a grid, and every bar between two of them that passes over no other."""
    grid = [(i, j) for i in range(columns) for j in range(rows)]
    bars = [
        (m, n)
        for m, (i, j) in enumerate(grid)
        for n, (x, y) in enumerate(grid[m + 1 :], m + 1)
        if max(x - i, abs(y - j)) <= reach and gcd(x - i, y - j) == 1
    ]
    return spacing * np.array(grid, float), np.array(bars)


def geometry(nodes, bars):
    """Lengths, and the direction of every bar in the coordinates of all nodes, (2 nodes, bars)."""
    along = nodes[bars[:, 1]] - nodes[bars[:, 0]]
    lengths = np.sqrt(np.sum(along**2, axis=1))
    ends = np.eye(len(nodes))[bars[:, 1]] - np.eye(len(nodes))[bars[:, 0]]
    directions = ends[:, :, None] * (along / lengths[:, None])[:, None, :]
    return lengths, directions.reshape(len(bars), -1).T


def displacements(areas, lengths, B, load):
    """Of the free nodes, whose coordinates are the rows of B and of the load."""
    return np.linalg.solve((B * (E * areas / lengths)) @ B.T, load)


def compliance(areas, lengths, B, load):
    """Twice the work of the load, in joules."""
    return load @ displacements(areas, lengths, B, load)


def optimum_of_grid(lengths, B, load):
    """The least compliance of any cross-sections, by a linear program in the forces of bars."""
    forces = linprog(np.tile(lengths, 2), A_eq=np.hstack([B, -B]), b_eq=load / LOAD)
    return (forces.fun * LOAD) ** 2 / (E * V)


def choose_sections(lengths, B, load, steps):
    """Optimality criteria: more steel for bars that are worth it, less for the others."""
    value_and_slope = cr.value_and_grad(compliance)
    areas, costs = np.full(len(lengths), V / np.sum(lengths)), []
    for _ in range(steps):
        cost, slope = value_and_slope(areas, lengths, B, load)
        costs.append(cost)
        areas = areas * np.maximum(-slope / lengths, 0) ** 0.8
        areas = np.maximum(areas * (V / np.sum(areas * lengths)), 1e-7 * np.max(areas))
    return areas, costs


def design(p, nodes, bars, movable):
    """Nodes and cross-sections of the second stage."""
    nodes = nodes + movable[:, None] * p["shift"]
    lengths, B = geometry(nodes, bars)
    w = np.exp(p["z"])
    return nodes, V * w / np.sum(w * lengths), lengths, B


def move_nodes(areas, nodes, bars, load, steps):
    """Cross-sections and positions of the nodes that bars of some size meet at, by L-BFGS."""
    used = np.unique(bars[areas > 0.01 * np.max(areas)])
    kept = np.all(np.isin(bars, used), axis=1)
    nodes, bars, load = nodes[used], np.searchsorted(used, bars[kept]), load.reshape(-1, 2)[used]
    free, loaded = nodes[:, 0] > 0, np.any(load != 0, axis=1)

    def cost(p):
        _, areas, lengths, B = design(p, nodes, bars, free & ~loaded)
        return compliance(areas, lengths, B[np.repeat(free, 2)], load[free].ravel())

    costs = []
    start = {"z": np.log(areas[kept] / np.max(areas)), "shift": np.zeros(nodes.shape)}
    found = cr.scipy.optimize.minimize(
        cost, start, method="L-BFGS-B", options={"maxiter": steps, "maxfun": 5 * steps},
        bounds={"z": (np.log(1e-5), 2.0), "shift": (-0.4, 0.4)},
        callback=lambda intermediate_result: costs.append(intermediate_result.fun),
    )  # fmt: skip
    nodes, areas, lengths, B = design(found.x, nodes, bars, free & ~loaded)
    B = B[np.repeat(free, 2)]
    longer = B.T @ displacements(areas, lengths, B, load[free].ravel())
    return (nodes, bars, areas, longer), costs


def main(picture, columns=13, rows=7, reach=3, steps=100, moves=150):
    nodes, bars = ground_structure(columns, rows, reach, 6.0 / (columns - 1))
    load = np.zeros(2 * len(nodes))
    load[2 * ((columns - 1) * rows + rows // 2) + 1] = -LOAD
    lengths, B = geometry(nodes, bars)
    free = np.repeat(nodes[:, 0] > 0, 2)  # the wall is at x = 0
    problem = lengths, B[free], load[free]

    equal = np.full(len(bars), V / np.sum(lengths))
    slope = cr.grad(compliance)(equal, *problem)
    formula = -E / lengths * (B[free].T @ displacements(equal, *problem)) ** 2
    error = np.max(np.abs(slope - formula)) / np.max(np.abs(formula))
    best = optimum_of_grid(*problem)
    areas, costs = choose_sections(*problem, steps)
    moved, moves = move_nodes(areas, nodes, bars, load, moves)
    print(f"{len(bars)} bars; gradient against the formula: relative difference {error:.1e}")
    print(f"compliance with equal bars {costs[0]:.1f} J, by sections {costs[-1]:.2f} J")
    print(f"linear program {best:.2f} J; with nodes that move {moves[-1]:.2f} J")
    on_grid = nodes, bars, areas, B[free].T @ displacements(areas, *problem)
    draw_picture(picture, (on_grid, moved), costs, moves, best)
    return {"error": error, "grid": costs[-1], "best": best, "moved": moves[-1]}


def draw_picture(picture, designs, costs, moves, best):
    plt.style.use(Path(__file__).with_name("picture.mplstyle"))
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 2.8), width_ratios=[4, 4, 3])
    for axis, (nodes, bars, areas, longer) in zip(axes, designs, strict=False):
        for (i, j), area, stretch in zip(bars, areas / np.max(areas), longer, strict=True):
            if area > 0.005:
                color = "C0" if stretch > 0 else "C1"
                axis.plot(*nodes[[i, j]].T, color, lw=5 * np.sqrt(area), solid_capstyle="round")
        axis.plot(*nodes.T, "k.", ms=2, zorder=3)
        axis.axvline(0, color="k", lw=4)
        axis.annotate("50 kN", (6, 1.4), (6, 0.3), ha="center", arrowprops={"arrowstyle": "<|-"})
        axis.set(xlabel="x [m]", ylabel="y [m]", aspect="equal", xlim=(-0.1, 6.5))
    axes[0].set_title("Bars of a grid (blue: tension, orange: compression)")
    axes[1].set_title("Nodes may move, too")
    axes[2].plot(costs, label="sections")
    axes[2].plot(len(costs) + np.arange(len(moves)), moves, label="sections and nodes")
    axes[2].axhline(best, color="k", ls="--", lw=1, label="linear program, grid")
    axes[2].set(xlabel="step", ylabel="compliance [J]", title="Convergence")
    axes[2].set_ylim(0.99 * best, 1.08 * best)
    axes[2].legend()
    figure.savefig(picture)


if __name__ == "__main__":
    main(sys.argv[1])
