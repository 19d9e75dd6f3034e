"""A matrix whose rows are the moved points, in-place arithmetic on own tensors, a product in place of the sum; inlined check."""

import torch


@torch.no_grad()
def forward_difference(f, theta, h):
    points = theta.repeat(len(theta), 1)
    points.diagonal().add_(h)
    return torch.stack([f(row) for row in points]).sub_(f(theta)).div_(h)


@torch.no_grad()
def central_difference(f, theta, h):
    shift = torch.diag(torch.full_like(theta, h))
    ahead, behind = theta + shift, theta - shift
    return torch.stack([0.5 * (f(p) - f(m)) / h for p, m in zip(ahead, behind)])


def quadratic_gradients(x, y, theta):
    design = torch.stack([x**0, x, x * x], dim=1)
    normal = design.T @ design / len(x)
    return 2 * (normal @ theta - design.T @ y / len(x))


def relative_error(a, b):
    size = torch.linalg.norm(a) + torch.linalg.norm(b)
    error = torch.linalg.norm(a - b) / size
    return 0.0 if bool(size == 0) else float(error)


def gradient_check(f, grad_f, theta, h=1e-5, tol=1e-6):
    numerical, analytical = central_difference(f, theta, h), grad_f(theta)
    size = float(numerical.norm() + analytical.norm())
    if size == 0:
        return tol >= 0
    return float((numerical - analytical).norm() / size) <= tol
