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
    ### BEGIN SOLUTION
    return X @ w + b
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    n = len(y)
    error = predict(X, w, b) - y
    dw = 2 / n * (X.T @ error)
    db = 2 / n * error.sum()
    return dw, db
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    dw, db = mse_gradients(X, y, w, b)
    return w - lr * dw, b - lr * db
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    w = X.new_zeros(X.shape[1])
    b = X.new_zeros(())
    losses: list[float] = []
    for _ in range(n_epochs):
        error = predict(X, w, b) - y
        losses.append((error**2).mean().item())
        w, b = gradient_descent_step(X, y, w, b, lr)
    return w, b, losses
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    optimizer = torch.optim.SGD([w, b], lr=lr)
    losses: list[float] = []
    for _ in range(n_epochs):
        loss = ((predict(X, w, b) - y) ** 2).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return w.detach(), b.detach(), losses
    ### END SOLUTION
