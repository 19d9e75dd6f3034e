"""The inputs of a check: drawn from one seed, on the device under test, without the coincidences that hide mistakes."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor


def derive(*parts: object) -> int:
    """A seed of 63 bits from `parts`, the same on every machine."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class Given:
    """Draws inputs for one check. Nothing is 0 or 1, no two entries are equal, nothing is symmetric.

    Args:
        seed: of this check alone, see `derive`.
        device: where the tensors live.

    Attributes:
        device: the device under test.
        dtype: float64 where the device has it, float32 on mps.
        global_seed: what the global generators of torch, numpy and `random` are seeded with while the check runs.
    """

    def __init__(self, seed: int, device: str = "cpu") -> None:
        self.device = torch.device(device)
        self.dtype = torch.float32 if self.device.type == "mps" else torch.float64
        self.global_seed = derive(seed, "global") % 2**32
        self._generator = torch.Generator().manual_seed(seed)

    def tensor(self, values: Tensor | list[float] | float) -> Tensor:
        """`values` on the device and in the dtype under test."""
        return torch.as_tensor(values, dtype=torch.float64).to(self.device, self.dtype)

    def normal(self, *shape: int, mean: float = 0.0, std: float = 1.0) -> Tensor:
        """A tensor of that shape (none: 0-dim) with normal entries, none within 0.05·std of the mean."""
        z = torch.randn(shape, generator=self._generator, dtype=torch.float64)
        return self.tensor(mean + std * (z + 0.05 * torch.sign(z)))

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """A tensor of that shape (none: 0-dim) with entries in [low, high)."""
        u = torch.rand(shape, generator=self._generator, dtype=torch.float64)
        return self.tensor(low + (high - low) * u)

    def number(self, low: float, high: float) -> float:
        """A Python float in [low, high)."""
        return low + (high - low) * float(torch.rand((), generator=self._generator, dtype=torch.float64))

    def integer(self, low: int, high: int) -> int:
        """A Python int in [low, high)."""
        return int(torch.randint(low, high, (), generator=self._generator))

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """An int64 tensor of that shape with entries in [low, high)."""
        return torch.randint(low, high, shape, generator=self._generator).to(self.device)

    def sizes(self, count: int, low: int = 3, high: int = 12) -> list[int]:
        """`count` sizes in [low, high), all different."""
        return [low + int(i) for i in torch.randperm(high - low, generator=self._generator)[:count]]

    def generator(self) -> torch.Generator:
        """A fresh CPU generator with a seed of its own."""
        return torch.Generator().manual_seed(self.integer(0, 2**53))

    def global_generator(self) -> torch.Generator:
        """A generator in the state that torch's global one has at the start of the check."""
        return torch.Generator().manual_seed(self.global_seed)

    def permutation(self, n: int) -> Tensor:
        """A permutation of 0 … n−1, int64, on the CPU."""
        return torch.randperm(n, generator=self._generator)

    def line(self, n: int, slope: float, bias: float, noise: float = 0.0) -> tuple[Tensor, Tensor]:
        """`n` points of a noisy line: x [n] on [−1, 1] with mean near 0.1, y [n] = slope·x + bias + noise."""
        x = self.uniform(-1.0, 1.2, n)
        return x, slope * x + bias + noise * self.normal(n)
