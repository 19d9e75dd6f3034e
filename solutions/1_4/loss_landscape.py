"""Lesson 1_4: the loss landscape of a line, drawn and measured, with gradients by hand.

Shapes: N samples `x [N]`, `y [N]`; the model is `w * x + b`. A grid has A values `ws [A]` and B values `bs [B]`. The MSE
is the plain mean, `mean((y_pred - y)**2)`, so its gradients and its Hessian carry the factor 2/N. No autograd in here.
"""

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from torch import Tensor


def loss_surface(x: Tensor, y: Tensor, ws: Tensor, bs: Tensor) -> Tensor:
    """The MSE of the line `w * x + b` for every pair of a slope and a bias.

    Args:
        x: the inputs `[N]`.
        y: the targets `[N]`.
        ws: the slopes `[A]`.
        bs: the biases `[B]`.

    Returns:
        The losses `[A,B]`: entry `[i,j]` belongs to `ws[i]` and `bs[j]`.
    """
    ### BEGIN SOLUTION
    y_pred = ws[:, None, None] * x + bs[:, None]  # [A,1,N] + [B,1] -> [A,B,N]
    return ((y_pred - y) ** 2).mean(dim=-1)
    ### END SOLUTION


def descent_path(x: Tensor, y: Tensor, w0: float, b0: float, lr: float, n_steps: int) -> Tensor:
    """The places that gradient descent visits, the start among them.

    Args:
        x: the inputs `[N]`.
        y: the targets `[N]`.
        w0: the slope at the start.
        b0: the bias at the start.
        lr: the learning rate.
        n_steps: how many steps; 0 is legal.

    Returns:
        The path `[n_steps+1, 2]`: row k is `(w, b)` after k steps, row 0 the start.
    """
    ### BEGIN SOLUTION
    w, b = x.new_tensor(w0), x.new_tensor(b0)
    path = [torch.stack((w, b))]
    for _ in range(n_steps):
        error = w * x + b - y
        dw = 2 * (error * x).mean()
        db = 2 * error.mean()
        w, b = w - lr * dw, b - lr * db
        path.append(torch.stack((w, b)))
    return torch.stack(path)
    ### END SOLUTION


def curvature(x: Tensor) -> Tensor:
    """The Hessian of the MSE in `(w, b)`, by hand. It is the same everywhere, and the targets do not enter it.

    Args:
        x: the inputs `[N]`.

    Returns:
        The second derivatives `[2,2]`, in the order w, b.
    """
    ### BEGIN SOLUTION
    columns = torch.stack((x, torch.ones_like(x)), dim=1)
    return 2 / len(x) * columns.T @ columns
    ### END SOLUTION


def largest_stable_lr(x: Tensor) -> float:
    """The learning rate below which gradient descent on the MSE converges, and above which it diverges.

    Args:
        x: the inputs `[N]`.

    Returns:
        2/λ_max, with λ_max the larger eigenvalue of the curvature.
    """
    ### BEGIN SOLUTION
    eigenvalues = torch.linalg.eigvalsh(curvature(x))
    return 2 / eigenvalues.max().item()
    ### END SOLUTION


def plot_landscape(x: Tensor, y: Tensor, ws: Tensor, bs: Tensor, path: Tensor) -> Figure:
    """A contour map of the loss with a path on it, w to the right and b upwards, in a new figure. The caller shows it.

    Args:
        x: the inputs `[N]`.
        y: the targets `[N]`.
        ws: the slopes `[A]`, ascending.
        bs: the biases `[B]`, ascending.
        path: the places `(w, b)` to be joined by one line `[K,2]`.

    Returns:
        The figure, with both axes labelled and a title.
    """
    ### BEGIN SOLUTION
    surface = loss_surface(x, y, ws, bs)
    figure, axes = plt.subplots()
    bands = axes.contourf(ws.cpu(), bs.cpu(), surface.T.cpu(), levels=20)
    figure.colorbar(bands, label="loss (MSE)")
    axes.plot(path[:, 0].cpu(), path[:, 1].cpu(), "o-", color="white", markersize=3)
    axes.set_xlabel("slope w")
    axes.set_ylabel("bias b")
    axes.set_title("Gradient descent on the loss landscape")
    return figure
    ### END SOLUTION
