"""Views of shuffled copies, an eager iterator over a list, and arithmetic in place on copies."""

import math

import torch


def updates_per_epoch(n, batch_size, drop_last=False):
    return math.floor(n / batch_size) if drop_last else math.ceil(n / batch_size)


def minibatches(X, y, batch_size, generator, shuffle=True, drop_last=False):
    if shuffle:
        perm = torch.randperm(X.shape[0], generator=generator)
        X, y = X[perm], y[perm]
    batches = list(zip(X.split(batch_size), y.split(batch_size)))
    if drop_last:
        batches = [pair for pair in batches if len(pair[1]) == batch_size]
    return iter(batches)


def train_epoch(X, y, w, b, lr, batch_size, generator):
    w, b = w.clone(), b.clone()
    seen = []
    for Xb, yb in minibatches(X, y, batch_size, generator):
        residual = torch.addmv(b.expand(len(yb)), Xb, w) - yb
        seen.extend((residual * residual).tolist())
        w.sub_(Xb.T.mv(residual).mul_(2 * lr / len(residual)))
        b.sub_(2 * lr * residual.mean())
    return [w, b, sum(seen) / len(seen)]


def compare_batch_sizes(X, y, batch_sizes, lr, n_epochs, seed):
    def run(size):
        rng = torch.Generator()
        rng.manual_seed(seed)
        w, b, losses = torch.zeros_like(X[0]), torch.zeros_like(y[0]), []
        while len(losses) < n_epochs:
            w, b, loss = train_epoch(X, y, w, b, lr, size, rng)
            losses.append(loss)
        return losses

    return {size: run(size) for size in batch_sizes}
