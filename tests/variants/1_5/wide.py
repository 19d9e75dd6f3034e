"""Everything in float64 inside and cast back at the end; values by float(), the parabola by a Vandermonde matrix."""

import torch


def _move(theta, i, by):
    return torch.cat([theta[:i], theta[i : i + 1] + by, theta[i + 1 :]])


def forward_difference(f, theta, h):
    wide = theta.double()
    values = [float(f(_move(wide, i, h))) for i in range(len(theta))]
    return ((torch.tensor(values, dtype=torch.float64) - float(f(wide))) / h).to(theta)


def central_difference(f, theta, h):
    wide = theta.double()
    slope = lambda i: (f(_move(wide, i, h)).item() - f(_move(wide, i, -h)).item()) / (h + h)  # noqa: E731
    return theta.new_tensor([slope(i) for i in range(theta.shape[0])])


def quadratic_gradients(x, y, theta):
    powers = torch.linalg.vander(x.double(), N=3)
    residual = torch.mv(powers, theta.double()).sub(y)
    return torch.mv(powers.T, residual).mul(2).div(x.shape[0]).to(theta.dtype)


def relative_error(a, b):
    difference = torch.dist(a.double(), b.double())
    scale = a.double().norm() + b.double().norm()
    return torch.where(scale > 0, difference / scale, torch.zeros_like(scale)).item()


def gradient_check(f, grad_f, theta, h=1e-5, tol=1e-6):
    error = relative_error(central_difference(f, theta, h), grad_f(theta))
    return not error > tol
