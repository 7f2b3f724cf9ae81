"""Computer graphics: camera and light are found from one picture of a known scene.

The renderer is a ray tracer in a page of NumPy: spheres, Lambert's shading, shadows. Its edges are
soft, so that its picture is a smooth function of everything. With g_i the distance of a ray to the
silhouette of sphere i, positive inside, t_i its depth along the ray, and S(x) for the sigmoid of
x / s, a sphere covers S(g_i) of a pixel, and is seen with the weight

    w_i = S(g_i) prod_j (1 - S(g_j) S(t_i - t_j)),    j != i,

which is 0 or 1 for narrow edges s. A shadow is the same product, along the ray to the sun. (Soft
edges: Loper and Black, "OpenDR", 2014; Liu et al., "Soft Rasterizer", 2019.)

Position of the camera, direction of the sun and brightness of the sky are found by least
squares between pictures, with wide edges first and then with narrow ones.

    python examples/renderer.py renderer.png
"""

import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import chainrule as cr

RADII = np.array([0.9, 0.6, 0.5, 0.35, 0.45, 60.0])  # the last one is the ground
GROUND = [(0.0, 0.0), (1.3, 0.5), (-1.1, 1.0), (0.6, -1.2), (-0.9, -1.1), (0.0, 0.0)]
CENTRES = np.column_stack([GROUND, np.append(RADII[:-1], -RADII[-1])])
COLOURS = np.array([
    [0.84, 0.37, 0.0], [0.0, 0.45, 0.7], [0.94, 0.89, 0.26], [0.8, 0.47, 0.65], [0.0, 0.62, 0.45],
    [0.75, 0.72, 0.68],
])  # fmt: skip
SKY = np.array([0.53, 0.75, 0.92])
TRUE = {"azimuth": 0.6, "height": 0.45, "distance": 6.0, "sun": 2.0, "sun_height": 0.7, "sky": 0.25}
START = {"azimuth": 2.0, "height": 0.7, "distance": 8.0, "sun": 0.8, "sun_height": 1.2, "sky": 0.5}


def direction(azimuth, height):
    """The unit vector of these angles, and two that span the plane across it."""
    sin, cos = np.sin(azimuth), np.cos(azimuth)
    up, level = np.sin(height), np.cos(height)
    zero = np.zeros_like(sin)
    out = np.stack([level * cos, level * sin, up])
    return out, np.stack([-sin, cos, zero]), np.stack([-up * cos, -up * sin, level])


def sphere_distances(origins, rays):
    """Along each ray: where it passes a centre, and how near; (..., 3) with (3,) or as many."""
    to = CENTRES - origins
    along = np.sum(to * rays, axis=-1)
    return along, np.sqrt(np.maximum(np.sum(to**2, axis=-1) - along**2, 1e-9))


soft = cr.scipy.special.expit


def render(p, pixels, s):
    """The picture, (pixels, pixels, 3), with edges of width s."""
    back, right, up = direction(p["azimuth"], p["height"])
    x, y = np.meshgrid(np.linspace(-0.4, 0.4, pixels), np.linspace(0.35, -0.45, pixels))
    rays = x[..., None] * right + y[..., None] * up - back
    rays = (rays / np.sqrt(np.sum(rays**2, axis=-1, keepdims=True)))[..., None, :]
    eye = p["distance"] * back
    along, miss = sphere_distances(eye, rays)  # (pixels, pixels, spheres)
    depth = along - np.sqrt(np.maximum(RADII**2 - miss**2, 1e-6))
    hit = eye + depth[..., None] * rays
    normal = (hit - CENTRES) / RADII[:, None]

    light, _, _ = direction(p["sun"], p["sun_height"])
    ahead, near = sphere_distances(hit[..., None, :], light)  # ... from each sphere to each other
    others = 1 - np.eye(len(RADII))
    lit = np.prod(1 - others * soft((RADII - near) / s) * soft(ahead / s), axis=-1)
    shade = p["sky"] + (1 - p["sky"]) * np.maximum(normal @ light, 0) * lit

    cover = soft((RADII - miss) / s)
    behind = soft((depth[..., :, None] - depth[..., None, :]) / s)
    weight = cover * np.prod(1 - others * cover[..., None, :] * behind, axis=-1)
    sky = 1 - np.sum(weight, axis=-1)
    return (weight * shade) @ COLOURS + sky[..., None] * SKY


def loss(p, s, target):
    return np.mean((render(p, len(target), s) - target) ** 2)


def find(start, target, widths):
    """Camera and light, and the losses on the way, a list for each width of the edges."""
    p, losses = start, []
    for s in widths:
        losses.append([])
        found = cr.scipy.optimize.minimize(
            loss, p, (s, target), method="BFGS", options={"maxiter": 60},
            callback=lambda intermediate_result: losses[-1].append(intermediate_result.fun),
        )  # fmt: skip
        p = found.x
    return p, losses


def main(picture, pixels=48, widths=(0.3, 0.1, 0.03), noise=0.02, seed=0, shown=160):
    rng = np.random.default_rng(seed)
    target = render(TRUE, pixels, widths[-1]) + noise * rng.standard_normal((pixels, pixels, 3))
    began = time.process_time()
    p, losses = find(START, target, widths)
    took = time.process_time() - began
    print(f"{sum(map(len, losses))} steps, {took:.1f} s of one core; squared noise {noise**2:.1e}")
    for s, values in zip(widths, losses, strict=True):
        print(f"edges {s}: loss {values[0]:.2e} -> {values[-1]:.2e}")
    for name, true in TRUE.items():
        print(f"{name:10} start {START[name]:.2f}  found {p[name]:.4f}  true {true:.4f}")
    draw_picture(picture, target, [render(q, shown, widths[-1]) for q in (START, p, TRUE)], losses)
    return {"p": p, "losses": losses}


def draw_picture(picture, target, images, losses):
    plt.style.use(Path(__file__).with_name("picture.mplstyle"))
    figure, axes = plt.subplots(1, 5, figsize=(11.5, 2.5), width_ratios=[1, 1, 1, 1.2, 1.6])
    start, found, true = images
    titles = "Picture given", "Start", "Found"
    for axis, image, title in zip(axes, (target, start, found), titles, strict=False):
        axis.imshow(np.clip(image, 0, 1) ** (1 / 2.2))
        axis.set_title(title)
    difference = np.mean(np.abs(found - true), axis=-1)
    shown = axes[3].imshow(difference, cmap="cividis")
    axes[3].set_title("|found − true|, no noise")
    figure.colorbar(shown, ax=axes[3], shrink=0.8)
    for axis in axes[:4]:
        axis.set(xticks=[], yticks=[])
    first = 0
    for values, name in zip(losses, ("wide edges", "narrower", "narrow edges"), strict=False):
        axes[4].semilogy(first + np.arange(len(values)), values, label=name)
        first += len(values)
    axes[4].set(xlabel="step of BFGS", ylabel="mean squared error", title="Loss")
    axes[4].legend()
    figure.savefig(picture)


if __name__ == "__main__":
    main(sys.argv[1])
