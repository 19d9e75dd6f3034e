"""The quadratic form of the loss from five moments, the path as an affine map, a figure without pyplot."""

import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def _minimum(x, y):
    dx = x - x.mean()
    slope = dx @ y / (dx @ dx)
    return torch.stack([slope, y.mean() - slope * x.mean()])


def loss_surface(x, y, ws, bs):
    W, B = torch.meshgrid(ws, bs, indexing="xy")
    loss = (x * x).mean() * W**2 + 2 * x.mean() * W * B + B**2
    loss = loss - 2 * (x * y).mean() * W - 2 * y.mean() * B + (y * y).mean()
    return loss.T.contiguous()


def descent_path(x, y, w0, b0, lr, n_steps):
    target = _minimum(x, y)
    path = target.new_zeros(n_steps + 1, 2)
    path[0, 0], path[0, 1] = w0, b0
    H = curvature(x)
    for k in range(n_steps):
        path[k + 1] = path[k] - lr * (H @ (path[k] - target))
    return path


def curvature(x):
    H = torch.empty(2, 2, dtype=x.dtype, device=x.device)
    H[0, 0] = (x**2).sum() * 2 / x.numel()
    H[0, 1] = H[1, 0] = x.sum() * 2 / x.numel()
    H[1, 1] = 2
    return H


def largest_stable_lr(x):
    return float(2 / torch.linalg.matrix_norm(curvature(x), ord=2))


def plot_landscape(x, y, ws, bs, path):
    fig = Figure(figsize=(6, 4))
    FigureCanvasAgg(fig)
    ax, bar = fig.subplots(1, 2, width_ratios=[12, 1])
    surface = loss_surface(x, y, ws, bs)
    levels = torch.linspace(surface.min() * 1.1, surface.max() * 0.8, 9).tolist()
    bands = ax.contourf(ws.numpy(), bs.numpy(), surface.numpy().T, levels=levels, extend="both")
    ax.contour(bands, colors="black", linewidths=0.5)
    fig.colorbar(bands, cax=bar)
    ax.plot(path[:, 0].tolist(), path[:, 1].tolist(), color="red")
    ax.set(xlabel="$w$", ylabel="$b$", xlim=(ws[0], ws[-1]), ylim=(bs[0], bs[-1]))
    fig.suptitle("Landscape")
    return fig
