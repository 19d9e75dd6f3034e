"""torch.autograd.grad instead of backward(), copy_ for the update, new leaves in every epoch, numpy for a float."""

import numpy as np
import torch


def _line(theta):
    return lambda t: theta[0] * t + theta[1]


def predict(x, w, b):
    return _line((w, b))(x)


def mse(y_pred, y):
    return (y_pred - y).pow(2).sum().div(len(y_pred))


def train_step(w, b, x, y, lr):
    loss = mse(predict(x, w, b), y)
    dw, db = torch.autograd.grad(loss, (w, b))
    with torch.no_grad():
        b.copy_(b - lr * db)
        w.copy_(w - lr * dw)
    return np.float64(loss.detach().cpu().numpy())


def train(x, y, w0, b0, lr, n_epochs):
    theta = x.new_tensor([w0, b0])
    losses = []
    for _ in range(n_epochs):
        theta = theta.detach().requires_grad_()
        loss = torch.mean((theta[0] * x + theta[1] - y) ** 2)
        losses += [loss.item()]
        loss.backward()
        theta = theta - lr * theta.grad
    w, b = theta.detach()
    return w, b, losses
