"""numpy inside and tensors outside; the surface's logarithm in triangles."""

import matplotlib.pyplot as plt
import numpy as np
import torch


def _array(values):
    return values.detach().cpu().numpy().astype(np.float64)


def loss_surface(x, y, ws, bs):
    a, t, w, b = (_array(v) for v in (x, y, ws, bs))
    rows = [[np.mean((wi * a + bj - t) ** 2) for bj in b] for wi in w]
    return torch.from_numpy(np.array(rows)).to(x)


def descent_path(x, y, w0, b0, lr, n_steps):
    a, t = _array(x), _array(y)
    path = np.zeros((n_steps + 1, 2))
    path[0] = w0, b0
    for k in range(1, n_steps + 1):
        e = path[k - 1, 0] * a + path[k - 1, 1] - t
        path[k] = path[k - 1] - lr * np.array([2 * np.mean(e * a), 2 * np.mean(e)])
    return torch.as_tensor(path, dtype=x.dtype, device=x.device)


def curvature(x):
    a = _array(x)
    return torch.tensor([[2 * np.mean(a**2), 2 * a.mean()], [2 * a.mean(), 2.0]], dtype=x.dtype, device=x.device)


def largest_stable_lr(x):
    return 2 / np.linalg.eigvals(_array(curvature(x))).max()


def plot_landscape(x, y, ws, bs, path):
    figure, axes = plt.subplots()
    w, b = np.meshgrid(ws, bs)
    z = np.log(_array(loss_surface(x, y, ws, bs))).T
    axes.tricontourf(w.ravel(), b.ravel(), z.ravel(), levels=14)
    axes.contour(w, b, z, levels=14, colors="white", linewidths=0.4)
    axes.plot(path[:, 0], path[:, 1], "k")
    axes.plot(*path[-1], "*")
    axes.set_xlabel("W")
    axes.set_ylabel("B")
    axes.set_title("log of the loss", loc="left")
    plt.close(figure)
    return figure
