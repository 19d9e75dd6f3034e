"""One parameter vector over a column of ones, numpy inside the solver, all permutations drawn before the first epoch."""

import numpy as np
import torch


def _design(X):
    return torch.cat([X.new_ones(len(X), 1), X], dim=1)


def normal_equation(X, y):
    theta, *_ = np.linalg.lstsq(_design(X).cpu().numpy(), y.cpu().numpy(), rcond=None)
    b, *w = theta
    return torch.tensor(np.array(w)).to(X), torch.tensor(b).to(X)


def r_squared(y, y_pred):
    y, y_pred = y.cpu().numpy(), y_pred.cpu().numpy()
    return 1.0 - float(np.mean((y - y_pred) ** 2) / np.var(y))


def fit(X, y, lr, n_epochs, batch_size, generator):
    A, theta, n = _design(X), X.new_zeros(1 + X.shape[1]), X.shape[0]
    orders = [torch.arange(n) if batch_size is None else torch.randperm(n, generator=generator) for _ in range(n_epochs)]
    losses = []
    for order in orders:
        squared = X.new_zeros(n)
        for rows in order.chunk(1) if batch_size is None else order.split(batch_size):
            error = A[rows] @ theta - y[rows]
            squared[rows] = error.square()
            theta -= 2 * lr * (A[rows] * error.unsqueeze(1)).mean(dim=0)
        losses.append(float(squared.mean()))
    return theta[1:], theta[0], losses


def steps_to_reach(losses, target):
    reached = [i for i, loss in enumerate(losses) if loss <= target]
    return min(reached) if reached else None


def answers():
    return {f"q{i}": letter for i, letter in enumerate("cbdabdac", start=1)}
