"""Lesson 1_5: numerical and analytical gradients, and the check that compares the two.

Shapes: `theta [P]` holds all parameters, `f` maps it to one number `[]`, and a gradient has theta's shape, `[P]`. `h` is the step
of a difference. The MSE is the plain mean, so its gradients carry the factor 2/N. Results take dtype and device from the input.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def forward_difference(f: Callable[[Tensor], Tensor], theta: Tensor, h: float) -> Tensor:
    """The gradient of `f` at `theta`, estimated by one step ahead in each coordinate. Pure: `theta` stays as it is.

    Args:
        f: maps a point `[P]` to a number `[]`.
        theta: the point `[P]`.
        h: the step.

    Returns:
        The estimate `[P]`, in theta's dtype.
    """
    ### BEGIN SOLUTION
    steps = h * torch.eye(len(theta), dtype=theta.dtype, device=theta.device)
    here = f(theta)
    return torch.stack([(f(theta + step) - here) / h for step in steps])
    ### END SOLUTION


def central_difference(f: Callable[[Tensor], Tensor], theta: Tensor, h: float) -> Tensor:
    """The gradient of `f` at `theta`, estimated by one step either way in each coordinate. Pure: `theta` stays as it is.

    Args:
        f: maps a point `[P]` to a number `[]`.
        theta: the point `[P]`.
        h: the step; the two points of a coordinate are 2h apart.

    Returns:
        The estimate `[P]`, in theta's dtype.
    """
    ### BEGIN SOLUTION
    moves = h * torch.eye(len(theta), dtype=theta.dtype, device=theta.device)
    slopes = [(f(theta + move) - f(theta - move)) / (2 * h) for move in moves]
    return torch.stack(slopes)
    ### END SOLUTION


def quadratic_gradients(x: Tensor, y: Tensor, theta: Tensor) -> Tensor:
    """The gradient of the MSE of the parabola θ₀ + θ₁x + θ₂x², by hand: no autograd.

    Args:
        x: the inputs `[N]`.
        y: the targets `[N]`.
        theta: the coefficients `[3]`, the constant first.

    Returns:
        The gradient with respect to `theta`, `[3]`.
    """
    ### BEGIN SOLUTION
    error = theta[0] + theta[1] * x + theta[2] * x**2 - y
    inputs = torch.stack([torch.ones_like(x), x, x**2])
    return 2 / len(y) * (inputs @ error)
    ### END SOLUTION


def relative_error(a: Tensor, b: Tensor) -> float:
    """How far two vectors are apart, relative to their sizes: ‖a − b‖ / (‖a‖ + ‖b‖), a number from 0 to 1.

    Args:
        a: one vector `[P]`.
        b: the other `[P]`.

    Returns:
        The relative error, a Python float; 0.0 when both vectors are zero.
    """
    ### BEGIN SOLUTION
    norm = torch.linalg.vector_norm
    size = (norm(a) + norm(b)).item()
    return norm(a - b).item() / size if size > 0 else 0.0
    ### END SOLUTION


def gradient_check(
    f: Callable[[Tensor], Tensor], grad_f: Callable[[Tensor], Tensor], theta: Tensor, h: float = 1e-5, tol: float = 1e-6
) -> bool:
    """Whether `grad_f` agrees at `theta` with the central difference of `f`.

    Args:
        f: maps a point `[P]` to a number `[]`.
        grad_f: maps a point `[P]` to what is claimed to be the gradient of `f` there, `[P]`.
        theta: the point `[P]`, in float64 for the default `h` and `tol` to make sense.
        h: the step of the central difference.
        tol: the largest relative error that is accepted.

    Returns:
        True where the relative error of the two gradients is at most `tol`.
    """
    ### BEGIN SOLUTION
    numerical = central_difference(f, theta, h)
    return relative_error(numerical, grad_f(theta)) <= tol
    ### END SOLUTION
