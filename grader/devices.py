"""Where checks run: the CPU in float64 decides; the same checks run on a GPU too where there is one."""

from __future__ import annotations

from functools import cache

import pytest
import torch


@cache
def available() -> dict[str, bool]:
    """Which devices this machine has."""
    return {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}


def chosen(option: str) -> list[str]:
    """The devices that `--device option` means; the first one decides on the points.

    Raises:
        pytest.UsageError: the machine does not have the device that was asked for by name.
    """
    if option == "auto":
        return [name for name, here in available().items() if here]
    if not available()[option]:
        raise pytest.UsageError(f"--device {option}: torch {torch.__version__} finds none on this machine; use --device cpu")
    return [option]


def described(option: str) -> str:
    """One line for the run's header: what runs where, and what is left out."""
    devices = chosen(option)
    if option != "auto":
        return f"device: {option}"
    if len(devices) == 1:
        return "device: cpu (no GPU here: the checks on cuda and mps are left out)"
    return f"device: {', '.join(devices)} (the points are those of the cpu)"
