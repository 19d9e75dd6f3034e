"""meshgrid with matrix indexing, gradients by einsum, power iteration in higher precision, the logarithm drawn."""

import torch
from matplotlib import pyplot
from matplotlib.colors import LogNorm


def loss_surface(x, y, ws, bs):
    W, B = torch.meshgrid(ws, bs, indexing="ij")
    residuals = torch.einsum("n,ab->nab", x, W) + B[None] - y.reshape(-1, 1, 1)
    return torch.mean(residuals.square(), 0)


def descent_path(x, y, w0, b0, lr, n_steps):
    X = torch.stack([x, torch.ones_like(x)])
    theta = torch.tensor([w0, b0], dtype=torch.float64, device=x.device).to(x)
    visited = [theta.clone()]
    for _ in range(n_steps):
        theta -= lr * 2 * torch.einsum("kn,n->k", X, theta @ X - y) / y.shape[0]
        visited.append(theta.clone())
    return torch.vstack(visited)


def curvature(x):
    X = torch.vander(x, 2)
    return torch.einsum("ni,nj->ij", X, X).mul(2).div(len(X))


def largest_stable_lr(x):
    H = curvature(x.to(torch.float64))
    v = H.new_tensor([1.0, 0.9])
    for _ in range(200):
        v = H @ v
        v = v / v.norm()
    return 2.0 / (v @ H @ v).item()


def plot_landscape(x, y, ws, bs, path):
    W, B = torch.meshgrid(ws, bs, indexing="ij")
    loss = loss_surface(x, y, ws, bs)
    levels = torch.logspace(*torch.stack([loss.min(), loss.max()]).log10().tolist(), 15).tolist()
    fig, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    filled = left.contourf(W, B, loss, levels=levels, norm=LogNorm())
    fig.colorbar(filled, ax=left)
    left.plot(path[:, 0], path[:, 1], marker="x", markevery=[0, -1])
    left.set_title("MSE, by its logarithm")
    left.set_xlabel("w (slope)")
    left.set_ylabel("b (bias)")
    right.plot([float(((w * x + b - y) ** 2).mean()) for w, b in path])
    return fig
