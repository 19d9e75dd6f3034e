"""Loops over samples and features, Python indices, no matrix product; batches stacked row by row."""

import torch


def updates_per_epoch(n, batch_size, drop_last=False):
    count = 0
    start = 0
    while start < n:
        if start + batch_size <= n or not drop_last:
            count += 1
        start += batch_size
    return count


def minibatches(X, y, batch_size, generator, shuffle=True, drop_last=False):
    indices = list(range(len(X)))
    if shuffle:
        indices = torch.randperm(len(X), generator=generator).tolist()
    Xb, yb = [], []
    for i in indices:
        Xb.append(X[i])
        yb.append(y[i])
        if len(Xb) == batch_size:
            yield [torch.stack(Xb), torch.stack(yb)]
            Xb, yb = [], []
    if Xb and not drop_last:
        yield [torch.stack(Xb), torch.stack(yb)]


def train_epoch(X, y, w, b, lr, batch_size, generator):
    epoch_loss = 0.0
    for Xb, yb in minibatches(X, y, batch_size, generator):
        dw, db, batch_loss = torch.zeros_like(w), torch.zeros_like(b), 0.0
        for i in range(len(yb)):
            error = (Xb[i] * w).sum() + b - yb[i]
            dw = dw + 2 * error * Xb[i] / len(yb)
            db = db + 2 * error / len(yb)
            batch_loss += float(error) ** 2 / len(yb)
        w = w - lr * dw
        b = b - lr * db
        epoch_loss += batch_loss * len(yb) / len(y)
    return w, b, epoch_loss


def compare_batch_sizes(X, y, batch_sizes, lr, n_epochs, seed):
    result = {}
    for size in reversed(batch_sizes):
        gen = torch.Generator()
        gen.manual_seed(seed)
        w = torch.zeros(X.shape[1], dtype=X.dtype, device=X.device)
        b = torch.tensor(0.0, dtype=X.dtype, device=X.device)
        result[size] = []
        for epoch in range(n_epochs):
            w, b, loss = train_epoch(X, y, w, b, lr, size, gen)
            result[size] += [loss]
    return result
