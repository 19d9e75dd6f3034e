"""Two loops over the grid, lists of numbers, the eigenvalue by the quadratic formula, and pyplot's current figure."""

import math

import matplotlib.pyplot as plt
import torch


def loss_surface(x, y, ws, bs):
    surface = torch.zeros(len(ws), len(bs), dtype=x.dtype, device=x.device)
    for i in range(len(ws)):
        for j in range(len(bs)):
            surface[i, j] = ((ws[i] * x + bs[j] - y) ** 2).mean()
    return surface


def descent_path(x, y, w0, b0, lr, n_steps):
    xs, ys = x.tolist(), y.tolist()
    n = len(xs)
    rows = [[w0, b0]]
    for _ in range(n_steps):
        w, b = rows[-1]
        dw = sum(2 * (w * u + b - v) * u for u, v in zip(xs, ys)) / n
        db = sum(2 * (w * u + b - v) for u, v in zip(xs, ys)) / n
        rows.append([w - lr * dw, b - lr * db])
    return torch.tensor(rows, dtype=x.dtype, device=x.device)


def curvature(x):
    a, c = 2 * (x * x).mean(), 2 * x.mean()
    return torch.stack([torch.stack([a, c]), torch.stack([c, torch.full_like(a, 2.0)])])


def largest_stable_lr(x):
    (a, c), (_, d) = curvature(x).tolist()
    return 2 / ((a + d) / 2 + math.hypot((a - d) / 2, c))


def plot_landscape(x, y, ws, bs, path):
    fig = plt.figure(figsize=(5, 4))
    lines = plt.contour(ws, bs, loss_surface(x, y, ws, bs).T, levels=12, cmap="viridis")
    plt.clabel(lines, fontsize=7)
    plt.plot(*path.T, "r.-", label="gradient descent")
    plt.scatter(path[0, 0], path[0, 1], marker="s", label="start")
    plt.axhline(0, linewidth=0.5)
    plt.xlabel("Weight")
    plt.ylabel("Bias")
    plt.title("Loss")
    plt.legend()
    return fig
