"""Control: a pendulum swings up, with a motor too weak to lift it, by gradients of a simulation.

The angle t (0 hangs, pi stands) and its velocity w obey

    t' = w,    m l^2 w' = -m g l sin t - b w + torque,    |torque| <= 0.3 m g l.

The motor cannot hold the pendulum level, so it has to swing back and forth first. Nothing says how:
the motion is simulated from the torques of all steps (a step of Runge and Kutta each, in a loop
that is one equation of the graph), a cost asks that it stand at the end with little torque, and
L-BFGS follows the gradient of the cost through the whole simulation, with u = torque / limit within
its bounds. The result is replayed by SciPy's adaptive solver.

    python examples/pendulum.py pendulum.png
"""

import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.integrate import solve_ivp

import chainrule as cr

MASS, LENGTH, FRICTION, GRAVITY = 1.0, 1.0, 0.05, 9.81  # kg, m, N m s, m/s^2
LIMIT = 0.3 * MASS * GRAVITY * LENGTH  # N m


def motion(state, torque):
    angle, velocity = state
    force = torque - FRICTION * velocity - MASS * GRAVITY * LENGTH * np.sin(angle)
    return np.stack([velocity, force / (MASS * LENGTH**2)])


def rollout(u, dt):
    """States (steps + 1, 2) of the pendulum that hangs at rest first."""

    def step(state, u):
        torque = LIMIT * u
        k1 = motion(state, torque)
        k2 = motion(state + dt / 2 * k1, torque)
        k3 = motion(state + dt / 2 * k2, torque)
        k4 = motion(state + dt * k3, torque)
        after = state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return after, after

    start = np.zeros(2)
    return np.concatenate([start[None], cr.scan(step, start, u)[1]])


@cr.compile
def cost(u, dt):
    """Standing still in the last fifth; otherwise little torque, and no jerks."""
    angle, velocity = rollout(u, dt).T
    fallen = 1 + np.cos(angle) + 0.05 * velocity**2
    hold = fallen[-(len(u) // 5) :]
    jerk = (u[1:] - u[:-1]) / dt
    return np.mean(hold) + np.mean(0.02 * fallen) + np.mean(0.02 * u**2) + np.mean(1e-3 * jerk**2)


def main(picture, steps=300, seconds=6.0, iterations=500, seed=0):
    dt = seconds / steps
    costs = []
    began = time.process_time()
    found = cr.scipy.optimize.minimize(
        cost, 0.1 * np.random.default_rng(seed).standard_normal(steps), (dt,), method="L-BFGS-B",
        bounds=[(-1, 1)] * steps,
        callback=lambda intermediate_result: costs.append(intermediate_result.fun),
        options={"maxiter": iterations, "maxfun": 3 * iterations, "ftol": 1e-12},
    )  # fmt: skip
    took = time.process_time() - began
    states, torque = rollout(found.x, dt), LIMIT * found.x
    replayed = replay(torque, dt)
    drift = np.max(np.abs(states - replayed))
    error = np.max(np.abs(np.cos(states[-steps // 10 :, 0]) + 1))
    print(f"cost {costs[0]:.3f} -> {costs[-1]:.5f}: {found.nit} steps, {found.nfev} gradients")
    print(f"{took:.1f} s of one core with compilation; {found.nfev} gradients of {steps} steps")
    print(f"angle at the end {np.degrees(states[-1, 0]):.2f} degrees, |1 + cos| < {error:.1e}")
    print(f"replayed by solve_ivp: differs by {drift:.1e}")
    draw_picture(picture, np.linspace(0, seconds, steps + 1), states, torque, costs)
    return {"states": states, "torque": torque, "costs": costs, "drift": drift}


def replay(torque, dt):
    """The states by SciPy's solver, with the torque of each step held."""
    states = [np.zeros(2)]
    for t in torque:
        solved = solve_ivp(
            lambda _, state, t=t: motion(state, t), (0, dt), states[-1], rtol=1e-9, atol=1e-9
        )
        states.append(solved.y[:, -1])
    return np.array(states)


def draw_picture(picture, t, states, torque, costs):
    plt.style.use(Path(__file__).with_name("picture.mplstyle"))
    figure, axes = plt.subplot_mosaic("pac;ptc", figsize=(10.5, 3.4), width_ratios=[3, 4, 2.6])
    x, y = np.sin(states[:, 0]), -np.cos(states[:, 0])
    for n in range(0, len(t), 4):
        axes["p"].plot([0, x[n]], [0, y[n]], "-", color=plt.cm.viridis(n / len(t)), lw=0.8)
    shown = axes["p"].scatter(x[::4], y[::4], 14, t[::4], zorder=3)
    axes["p"].set(xlabel="x [m]", ylabel="y [m]", aspect="equal", title="The way up")
    figure.colorbar(shown, ax=axes["p"], label="time [s]", shrink=0.8)
    axes["a"].plot(t, np.degrees(states[:, 0]))
    for upright in (-180, 180):
        axes["a"].axhline(upright, color="k", ls="--", lw=1)
    axes["a"].set(ylabel="angle [°]", title="Angle (dashed: upright)", yticks=[-180, 0, 180])
    axes["t"].step(t[:-1], torque, where="post", color="C1")
    for side in (-LIMIT, LIMIT):
        axes["t"].axhline(side, color="k", ls="--", lw=1)
    axes["t"].set(xlabel="time [s]", ylabel="torque [N m]", title="Torque (dashed: its limit)")
    axes["c"].semilogy(costs, color="C2")
    axes["c"].set(xlabel="step of L-BFGS", ylabel="cost", title="Cost")
    figure.savefig(picture)


if __name__ == "__main__":
    main(sys.argv[1])
