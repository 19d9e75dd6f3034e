"""A design matrix with a column of ones, float64 inside and cast back, numpy for the order, no use of its own minibatches."""

import numpy as np
import torch


def updates_per_epoch(n, batch_size, drop_last=False):
    return (n if drop_last else n + batch_size - 1) // batch_size


def _order(n, generator):
    return np.asarray(torch.randperm(n, generator=generator))


def minibatches(X, y, batch_size, generator, shuffle=True, drop_last=False):
    n = y.numel()
    order = _order(n, generator) if shuffle else np.arange(n)
    last = n - n % batch_size if drop_last else n
    cuts = [torch.from_numpy(order[i : min(i + batch_size, last)].copy()).to(X.device) for i in range(0, last, batch_size)]
    return ((X.index_select(0, cut), y.index_select(0, cut)) for cut in cuts)


def train_epoch(X, y, w, b, lr, batch_size, generator):
    A = torch.cat([X, X.new_ones(len(X), 1)], dim=1).double()
    theta = torch.cat([w, b.reshape(1)]).double()
    n, loss = len(y), 0.0
    order = torch.randperm(n, generator=generator).to(X.device)
    for rows in order.split(batch_size):
        e = A[rows] @ theta - y[rows].double()
        loss += (e @ e).item() / n
        theta = theta - lr * torch.einsum("nk,n->k", A[rows], e) / (len(rows) / 2)
    return theta[:-1].to(w.dtype), theta[-1].to(b.dtype), loss


def compare_batch_sizes(X, y, batch_sizes, lr, n_epochs, seed):
    curves = {}
    for size in batch_sizes:
        generator = torch.Generator("cpu").manual_seed(seed)
        state = [X.new_zeros(X.size(1)), X.new_zeros([])]
        curves[size] = []
        for _ in range(n_epochs):
            *state, loss = train_epoch(X, y, *state, lr, size, generator)
            curves[size].append(loss)
    return curves
