"""Loops over samples and features, no matrix product; one loss at a time."""

import torch


def predict(X, w, b):
    columns = [X[:, j] * w[j] for j in range(X.shape[1])]
    return torch.stack(columns).sum(0) + b


def mse_gradients(X, y, w, b):
    dw, db = torch.zeros_like(w), torch.zeros_like(b)
    residual = predict(X, w, b) - y
    for i in range(len(y)):
        dw = dw + 2 * residual[i] * X[i] / len(y)
        db = db + 2 * residual[i] / len(y)
    return dw, db


def gradient_descent_step(X, y, w, b, lr):
    dw, db = mse_gradients(X, y, w, b)
    w_new, b_new = w.clone(), b.clone()
    w_new -= lr * dw
    b_new -= lr * db
    return w_new, b_new


def fit(X, y, lr, n_epochs):
    w, b = torch.zeros_like(X[0]), torch.zeros_like(y[0])
    losses = []
    for _ in range(n_epochs):
        losses.append(float(torch.mean((predict(X, w, b) - y) ** 2)))
        w, b = gradient_descent_step(X, y, w, b, lr)
    return w, b, losses


def fit_with_autograd(X, y, lr, n_epochs):
    w = torch.zeros(X.shape[1], dtype=X.dtype, device=X.device, requires_grad=True)
    b = torch.zeros((), dtype=X.dtype, device=X.device, requires_grad=True)
    opt = torch.optim.SGD((w, b), lr)
    history = []
    for _ in range(n_epochs):
        opt.zero_grad(set_to_none=False)
        loss = torch.nn.functional.mse_loss(predict(X, w, b), y)
        loss.backward()
        history.append(loss.item())
        opt.step()
    return w.data, b.data, history
