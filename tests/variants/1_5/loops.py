"""Loops over coordinates and samples on copies, with the steps undone by hand; Python's own arithmetic for the norms."""

import math

import torch


def forward_difference(f, theta, h):
    slopes = torch.zeros_like(theta)
    start = f(theta.clone())
    for i in range(theta.numel()):
        moved = theta.clone()
        moved[i] += h
        slopes[i] = (f(moved) - start) / h
    return slopes


def central_difference(f, theta, h):
    point = theta.clone()
    slopes = torch.empty_like(theta)
    for i in range(theta.numel()):
        kept = point[i].clone()
        point[i] = kept + h
        above = f(point)
        point[i] = kept - h
        below = f(point)
        point[i] = kept
        slopes[i] = (above - below) / (2.0 * h)
    return slopes


def quadratic_gradients(x, y, theta):
    gradient = torch.zeros_like(theta)
    for xi, yi in zip(x, y):
        residual = theta[0] + xi * (theta[1] + xi * theta[2]) - yi
        for k in range(3):
            gradient[k] = gradient[k] + 2 * residual * xi**k / len(x)
    return gradient


def relative_error(a, b):
    a, b = a.tolist(), b.tolist()
    apart = math.sqrt(sum((p - q) ** 2 for p, q in zip(a, b)))
    together = math.sqrt(sum(p * p for p in a)) + math.sqrt(sum(q * q for q in b))
    if together == 0:
        return 0.0
    return apart / together


def gradient_check(f, grad_f, theta, h=1e-5, tol=1e-6):
    analytical = grad_f(theta)
    if relative_error(analytical, central_difference(f, theta, h)) > tol:
        return False
    return True
