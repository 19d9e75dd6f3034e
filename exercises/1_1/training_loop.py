"""Lesson 1_1: the training loop, with the gradients by autograd.

Shapes: N samples with one feature each, `x [N]` and `y [N]`. The model is a line, `w * x + b`, with `w []` and `b []`. The MSE is
the plain mean, `mean((y_pred - y)**2)`. Tensors that you make take dtype and device from the input.
"""

import torch
from torch import Tensor


def predict(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """The predictions of the line with slope `w` and offset `b`.

    Args:
        x: the inputs `[N]`.
        w: the weight `[]`.
        b: the bias `[]`.

    Returns:
        The predictions `[N]`.
    """
    raise NotImplementedError("predict is still to do")


def mse(y_pred: Tensor, y: Tensor) -> Tensor:
    """The mean squared error, written out: no `F.mse_loss`.

    Args:
        y_pred: the predictions `[N]`.
        y: the targets `[N]`.

    Returns:
        The loss `[]`, a tensor that autograd can follow back.
    """
    raise NotImplementedError("mse is still to do")


def train_step(w: Tensor, b: Tensor, x: Tensor, y: Tensor, lr: float) -> float:
    """One step of gradient descent on the MSE, in place: `w` and `b` move, and stay leaves that require grad.

    Args:
        w: the weight `[]`, a leaf with `requires_grad=True`; its `.grad` may hold anything when the step begins.
        b: the bias `[]`, the same.
        x: the inputs `[N]`.
        y: the targets `[N]`.
        lr: the learning rate.

    Returns:
        The loss before the step.
    """
    raise NotImplementedError("train_step is still to do")


def train(x: Tensor, y: Tensor, w0: float, b0: float, lr: float, n_epochs: int) -> tuple[Tensor, Tensor, list[float]]:
    """Full-batch gradient descent from `w0` and `b0`, one step per epoch.

    Args:
        x: the inputs `[N]`.
        y: the targets `[N]`.
        w0: where the weight starts.
        b0: where the bias starts.
        lr: the learning rate.
        n_epochs: how many steps; 0 is legal.

    Returns:
        `w []`, `b []`, both detached, and one loss (a float) per epoch, each taken before the step of that epoch.
    """
    raise NotImplementedError("train is still to do")
