"""torch's own BatchSampler over the permutation, the loss from torch.nn.functional, an iterator class."""

import torch
from torch.nn.functional import mse_loss
from torch.utils.data import BatchSampler


def updates_per_epoch(n, batch_size, drop_last=False):
    return len(BatchSampler(range(n), batch_size, drop_last))


class _Batches:
    def __init__(self, X, y, indices):
        self.X, self.y, self.indices = X, y, iter(indices)

    def __iter__(self):
        return self

    def __next__(self):
        batch = next(self.indices)
        return self.X[batch], self.y[batch]


def minibatches(X, y, batch_size, generator, shuffle=True, drop_last=False):
    order = torch.randperm(len(y), generator=generator).tolist() if shuffle else range(len(y))
    return _Batches(X, y, BatchSampler(order, batch_size, drop_last))


@torch.no_grad()
def train_epoch(X, y, w, b, lr, batch_size, generator):
    losses, counts = [], []
    for Xb, yb in minibatches(X, y, batch_size, generator):
        y_pred = Xb.matmul(w).add(b)
        losses.append(mse_loss(y_pred, yb).item())
        counts.append(len(yb))
        slope = 2 * (y_pred - yb) / len(yb)
        w, b = w - lr * slope @ Xb, b - lr * slope.sum()
    return w, b, sum(loss * count for loss, count in zip(losses, counts)) / sum(counts)


def compare_batch_sizes(X, y, batch_sizes, lr, n_epochs, seed):
    curves = dict.fromkeys(batch_sizes)
    for size in curves:
        generator, w, b = torch.Generator().manual_seed(seed), X.new_zeros(X.shape[1]), X.new_zeros(1)[0]
        losses = []
        for _ in range(n_epochs):
            w, b, loss = train_epoch(X, y, w, b, lr, size, generator)
            losses.append(loss)
        curves[size] = losses
    return curves
