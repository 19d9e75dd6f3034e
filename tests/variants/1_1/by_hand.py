"""A step with the derivatives by hand in float64, cast back; requires_grad switched off and on again; closed form in `train`."""

import torch


def predict(x, w, b):
    return (torch.stack([x, torch.ones_like(x)], 1) * torch.stack([w, b])).sum(1)


def mse(y_pred, y):
    return torch.square(y_pred - y).mean(dim=0)


def _both(x, y, w, b):
    x, y, w, b = (value.detach().double() for value in (x, y, w, b))
    e = x * w + b - y
    return (e**2).mean(), 2 * torch.mean(e * x), 2 * torch.mean(e)


def train_step(w, b, x, y, lr):
    loss, dw, db = _both(x, y, w, b)
    for value, slope in ((w, dw), (b, db)):
        value.requires_grad_(False)
        value.sub_(slope.to(value.dtype), alpha=lr)
        value.requires_grad_(True)
    return loss.item()


def train(x, y, w0, b0, lr, n_epochs):
    w, b = torch.as_tensor(w0, dtype=x.dtype).to(x.device), torch.as_tensor(b0, dtype=x.dtype).to(x.device)
    losses = []
    for _ in range(n_epochs):
        loss, dw, db = _both(x, y, w, b)
        losses.append(loss.item())
        w, b = w - lr * dw.to(w.dtype), b - lr * db.to(b.dtype)
    return w, b, losses
