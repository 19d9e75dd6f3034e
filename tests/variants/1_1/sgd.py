"""torch.optim.SGD and F.mse_loss wherever they are allowed; the loop in `train` is a while."""

import torch
from torch import nn
from torch.nn import functional


def predict(x, w, b):
    return torch.addcmul(b, w, x)


def mse(y_pred, y):
    e = y - y_pred
    return torch.dot(e, e) / y.numel()


def train_step(w, b, x, y, lr):
    optimizer = torch.optim.SGD([w, b], lr=lr)
    optimizer.zero_grad()
    loss = functional.mse_loss(predict(x, w, b), y)
    loss.backward()
    optimizer.step()
    return float(loss)


def train(x, y, w0, b0, lr, n_epochs):
    w = nn.Parameter(torch.full((), w0, dtype=x.dtype, device=x.device))
    b = nn.Parameter(torch.full_like(w, b0))
    sgd = torch.optim.SGD([{"params": [b]}, {"params": [w]}], lr)
    criterion = nn.MSELoss()
    losses = []
    while len(losses) < n_epochs:
        loss = criterion(x * w + b, y)
        losses.append(loss.detach().item())
        loss.backward()
        sgd.step()
        sgd.zero_grad(set_to_none=False)
    return w.data.clone(), b.data.clone(), losses
