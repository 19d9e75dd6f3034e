"""Lesson 1_6: linear regression twice, solved at once and learned by any batch size, and two numbers to compare the two.

Shapes: N samples of D features. The model is `X @ w + b` with `X [N,D]`, `w [D]`, `b []`. The MSE is the plain mean,
`mean((y_pred - y)**2)`, so its gradients carry the factor 2/N. Tensors that you make take dtype and device from the input.
"""

import torch
from torch import Tensor


def normal_equation(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The weights and the bias of the smallest MSE, at once. Pure: the arguments stay as they are.

    Columns of `X` may depend on each other, or on the bias; then there are many minimisers, and any of them is right.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.

    Returns:
        `w [D]` and `b []`.
    """
    ### BEGIN SOLUTION
    A = torch.cat([X, X.new_ones(len(X), 1)], dim=1)
    theta = torch.linalg.pinv(A) @ y
    return theta[:-1], theta[-1]
    ### END SOLUTION


def r_squared(y: Tensor, y_pred: Tensor) -> float:
    """The share of the variation of `y` that the predictions account for. Pure.

    Args:
        y: the targets `[N]`, not all equal.
        y_pred: the predictions `[N]`.

    Returns:
        R²: 1 for perfect predictions, 0 for those of the mean of `y`, negative for worse ones.
    """
    ### BEGIN SOLUTION
    unexplained = ((y - y_pred) ** 2).sum()
    total = ((y - y.mean()) ** 2).sum()
    return 1 - (unexplained / total).item()
    ### END SOLUTION


def fit(
    X: Tensor, y: Tensor, lr: float, n_epochs: int, batch_size: int | None, generator: torch.Generator
) -> tuple[Tensor, Tensor, list[float]]:
    """Gradient descent from zeros, with batches of any size.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.
        lr: the learning rate.
        n_epochs: how many passes over the data; 0 is legal.
        batch_size: the samples of one update, 1 for stochastic gradient descent; an uneven last batch is used as it is.
            None: all samples in their own order, and the generator is left alone.
        generator: of one `torch.randperm` over the N samples at the start of each epoch.

    Returns:
        `w [D]`, `b []` (detached) and one loss (a float) per epoch: the mean over the samples of the losses before each update.
    """
    ### BEGIN SOLUTION
    n = len(y)
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(())
    losses: list[float] = []
    for _ in range(n_epochs):
        order = torch.arange(n) if batch_size is None else torch.randperm(n, generator=generator)
        total = 0.0
        for rows in torch.split(order, batch_size or n):
            error = X[rows] @ w + b - y[rows]
            total += (error**2).sum().item()
            w = w - lr * 2 / len(rows) * (X[rows].T @ error)
            b = b - lr * 2 / len(rows) * error.sum()
        losses.append(total / n)
    return w, b, losses
    ### END SOLUTION


def steps_to_reach(losses: list[float], target: float) -> int | None:
    """The first step at which the loss has come down to the target.

    Args:
        losses: one loss per step; they may go up and down.
        target: the loss to reach.

    Returns:
        The smallest i, from 0, with `losses[i] <= target`; None where there is none.
    """
    ### BEGIN SOLUTION
    return next((i for i, loss in enumerate(losses) if loss <= target), None)
    ### END SOLUTION


def answers() -> dict[str, str]:
    """Your answers to the quiz of module 1, at the end of the lesson text.

    Returns:
        For each of the questions `q1`, `q2`, … one lower-case letter.
    """
    ### BEGIN SOLUTION
    return {"q1": "c", "q2": "b", "q3": "d", "q4": "a", "q5": "b", "q6": "d", "q7": "a", "q8": "c"}
    ### END SOLUTION
