"""Autograd and torch.optim, shuffled views of the data, lstsq with its default driver, and higher precision inside."""

import torch
from torch.nn.functional import mse_loss


def normal_equation(X, y):
    mean = X.mean(dim=0)
    w = torch.linalg.lstsq((X - mean).double().cpu(), (y - y.mean()).double().cpu().unsqueeze(1)).solution.squeeze(1).to(X)
    return w, y.mean() - mean @ w


def r_squared(y, y_pred):
    return float(1 - mse_loss(y_pred.double(), y.double()) / y.double().var(unbiased=False))


def fit(X, y, lr, n_epochs, batch_size, generator):
    w = X.new_zeros(X.shape[1], requires_grad=True)
    b = X.new_zeros((), requires_grad=True)
    sgd = torch.optim.SGD([w, b], lr=lr)
    losses = []
    for _ in range(n_epochs):
        Xs, ys = X, y
        if batch_size is not None:
            order = torch.randperm(X.shape[0], generator=generator)
            Xs, ys = X[order], y[order]
        total = 0.0
        for Xb, yb in zip(Xs.split(batch_size or len(X)), ys.split(batch_size or len(X))):
            loss = mse_loss(Xb @ w + b, yb)
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            total += loss.item() * len(yb)
        losses.append(total / len(y))
    return w.detach(), b.detach(), losses


def steps_to_reach(losses, target):
    hits = (torch.tensor(losses, dtype=torch.float64) <= target).nonzero()
    return hits[0].item() if len(hits) else None


def answers():
    return {"q8": "c", "q7": "a", "q6": "d", "q5": "b", "q4": "a", "q3": "d", "q2": "b", "q1": "c"}
