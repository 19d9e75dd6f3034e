"""Lesson 1_3: batch, stochastic and mini-batch gradient descent, with gradients by hand.

Shapes: N samples of D features, cut into batches of B samples; the last batch may be smaller. The model is `X @ w + b` with
`X [N,D]`, `w [D]`, `b []`. The MSE is the plain mean over the samples of a batch, so its gradients carry the factor 2/|B|.
"""

from collections.abc import Iterator

import torch
from torch import Tensor


def updates_per_epoch(n: int, batch_size: int, drop_last: bool = False) -> int:
    """How many batches, and so how many updates, one epoch has.

    Args:
        n: the number of samples, at least 1.
        batch_size: the number of samples in a batch, at least 1; it may be larger than `n`.
        drop_last: whether a last batch with fewer than `batch_size` samples is left out.

    Returns:
        The number of batches.
    """
    raise NotImplementedError("updates_per_epoch is still to do")


def minibatches(
    X: Tensor, y: Tensor, batch_size: int, generator: torch.Generator, shuffle: bool = True, drop_last: bool = False
) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of one epoch, each sample at most once and together with its own target.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.
        batch_size: the number of samples in a batch; the last batch holds what is left over.
        generator: where the order comes from, by one `torch.randperm(N, generator=generator)`.
        shuffle: whether the samples are permuted; if not, they keep their order and the generator is left alone.
        drop_last: whether a last batch with fewer than `batch_size` samples is left out.

    Returns:
        An iterator over the pairs `Xb [B,D]`, `yb [B]`.
    """
    raise NotImplementedError("minibatches is still to do")


def train_epoch(
    X: Tensor, y: Tensor, w: Tensor, b: Tensor, lr: float, batch_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, float]:
    """One epoch of mini-batch gradient descent over shuffled batches, by hand. Pure: the tensors given stay as they are.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.
        w: the weights `[D]`.
        b: the bias `[]`.
        lr: the learning rate.
        batch_size: the number of samples in a batch; a smaller last batch is used too.
        generator: where the order of the samples comes from, one permutation per epoch.

    Returns:
        The new `w [D]` and `b []`, and the mean over all N samples of their losses, each seen before the update it belongs to.
    """
    raise NotImplementedError("train_epoch is still to do")


def compare_batch_sizes(
    X: Tensor, y: Tensor, batch_sizes: list[int], lr: float, n_epochs: int, seed: int
) -> dict[int, list[float]]:
    """The loss curves of one training run per batch size, alike in everything else.

    Args:
        X: the features `[N,D]`.
        y: the targets `[N]`.
        batch_sizes: the batch sizes to compare.
        lr: the learning rate of every run.
        n_epochs: how many epochs each run has; 0 is legal.
        seed: of the generator. Every run makes a fresh one from it and keeps that through its epochs.

    Returns:
        For each batch size the epoch losses (floats) of a run from zeros.
    """
    raise NotImplementedError("compare_batch_sizes is still to do")
