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
    raise NotImplementedError("normal_equation is still to do")


def r_squared(y: Tensor, y_pred: Tensor) -> float:
    """The share of the variation of `y` that the predictions account for. Pure.

    Args:
        y: the targets `[N]`, not all equal.
        y_pred: the predictions `[N]`.

    Returns:
        R²: 1 for perfect predictions, 0 for those of the mean of `y`, negative for worse ones.
    """
    raise NotImplementedError("r_squared is still to do")


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
    raise NotImplementedError("fit is still to do")


def steps_to_reach(losses: list[float], target: float) -> int | None:
    """The first step at which the loss has come down to the target.

    Args:
        losses: one loss per step; they may go up and down.
        target: the loss to reach.

    Returns:
        The smallest i, from 0, with `losses[i] <= target`; None where there is none.
    """
    raise NotImplementedError("steps_to_reach is still to do")


def answers() -> dict[str, str]:
    """Your answers to the quiz of module 1, at the end of the lesson text.

    Returns:
        For each of the questions `q1`, `q2`, … one lower-case letter.
    """
    raise NotImplementedError("answers is still to do")
