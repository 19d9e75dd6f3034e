"""Lesson 1_2: linear regression, with gradients by hand.

Shapes: N samples of D features. A layer is `X @ w + b` with `X [N,D]`, `w [D]`, `b []`. The MSE is the plain mean,
`mean((y_pred - y)**2)`, so its gradients carry the factor 2/N. Tensors that you make take dtype and device from the input.
"""

import torch
from torch import Tensor


def predict(X: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """The predictions of the linear model.

    Args:
        X: the features `[N,D]`.
        w: the weights `[D]`.
        b: the bias `[]`.

    Returns:
        The predictions `[N]`.
    """
    raise NotImplementedError("predict is still to do")


def mse_gradients(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of the MSE with respect to `w` and `b`, by hand: no autograd.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.
        w: the weights `[D]`.
        b: the bias `[]`.

    Returns:
        `dw [D]` and `db []`.
    """
    raise NotImplementedError("mse_gradients is still to do")


def gradient_descent_step(X: Tensor, y: Tensor, w: Tensor, b: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    """One step of gradient descent. Pure: the arguments stay as they are.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.
        w: the weights `[D]`.
        b: the bias `[]`.
        lr: the learning rate.

    Returns:
        The new `w [D]` and `b []`, both computed from the same error.
    """
    raise NotImplementedError("gradient_descent_step is still to do")


def fit(X: Tensor, y: Tensor, lr: float, n_epochs: int) -> tuple[Tensor, Tensor, list[float]]:
    """Full-batch gradient descent from zeros.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.
        lr: the learning rate.
        n_epochs: how many steps; 0 is legal.

    Returns:
        `w [D]`, `b []` and one loss (a float) per epoch, each taken before the step of that epoch.
    """
    raise NotImplementedError("fit is still to do")


def fit_with_autograd(X: Tensor, y: Tensor, lr: float, n_epochs: int) -> tuple[Tensor, Tensor, list[float]]:
    """The same as `fit`, with the gradients by autograd and the step by `torch.optim.SGD`.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.
        lr: the learning rate.
        n_epochs: how many steps; 0 is legal.

    Returns:
        `w [D]`, `b []`, both detached, and one loss (a float) per epoch, each taken before the step of that epoch.
    """
    raise NotImplementedError("fit_with_autograd is still to do")
