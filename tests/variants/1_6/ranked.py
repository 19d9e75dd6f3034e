"""The rank is asked for first; gradients from torch.autograd.grad; a while loop over the batches."""

import torch


def normal_equation(X, y):
    A = torch.column_stack((X, torch.ones(X.shape[0], dtype=X.dtype, device=X.device)))
    if torch.linalg.matrix_rank(A) == A.shape[1]:
        theta = torch.linalg.inv(A.mT @ A) @ A.mT @ y
    else:
        U, S, Vh = torch.linalg.svd(A, full_matrices=False)
        kept = S > 1e-6 * S[0]
        theta = Vh[kept].mT @ ((U.mT @ y)[kept] / S[kept])
    return theta[:-1].clone(), theta[-1].clone()


def r_squared(y, y_pred):
    ss_res = torch.dot(y - y_pred, y - y_pred)
    centred = y.sub(y.mean())
    return (1 - ss_res / torch.dot(centred, centred)).item()


def fit(X, y, lr, n_epochs, batch_size, generator):
    w, b = torch.zeros(X.shape[1]).to(X), torch.zeros(()).to(X)
    n = y.numel()
    losses = [0.0] * n_epochs
    for epoch in range(n_epochs):
        if batch_size is None:
            rest, size = torch.arange(n), n
        else:
            rest, size = torch.randperm(n, generator=generator), batch_size
        while len(rest) > 0:
            rows, rest = rest[:size], rest[size:]
            w, b = w.requires_grad_(), b.requires_grad_()
            loss = ((X[rows].matmul(w) + b - y[rows]) ** 2).mean()
            losses[epoch] += loss.item() * len(rows) / n
            dw, db = torch.autograd.grad(loss, [w, b])
            w, b = w.detach() - lr * dw, b.detach() - lr * db
    return w.detach(), b.detach(), losses


def steps_to_reach(losses, target):
    i = 0
    while i < len(losses) and losses[i] > target:
        i += 1
    return i if i < len(losses) else None


def answers():
    return {"q1": "c", "q2": "b", "q3": "d", "q4": "a", "q5": "b", "q6": "d", "q7": "a", "q8": "c"}
