"""The update through `.data`, gradients zeroed in place where there are any, lists for tuples."""

import torch


def predict(x, w, b):
    return torch.stack([w * x_i + b for x_i in x])


def mse(y_pred, y):
    total = 0
    for guess, truth in zip(y_pred, y):
        total = total + (guess - truth) * (guess - truth)
    return total / len(y)


def _clear(parameter):
    if parameter.grad is not None:
        parameter.grad.zero_()


def train_step(w, b, x, y, lr):
    _clear(w)
    _clear(b)
    loss = mse(predict(x, w, b), y)
    value = loss.item()
    loss.backward()
    w.data = w.data - lr * w.grad.data
    b.data -= lr * b.grad
    w.grad.zero_()
    b.grad = None
    return value


def train(x, y, w0, b0, lr, n_epochs):
    w = torch.tensor(w0, dtype=x.dtype, device=x.device, requires_grad=True)
    b = torch.tensor(b0, dtype=x.dtype, device=x.device)
    b.requires_grad = True
    history = []
    for _ in range(n_epochs):
        history.append(train_step(w, b, x, y, lr))
    return [w.detach().clone(), b.detach().clone(), history]
