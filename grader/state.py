"""Process-wide state that a student's code may change by accident: put back after every call, and reported."""

from __future__ import annotations

import os
import random
import struct
import sys
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch


def _whole(value: Any) -> Any:
    return value


class Part(NamedTuple):
    """One piece of state: its name in a message, how to read it and put it back, and what of it is worth a word."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], Any]
    telling: Callable[[Any], Any] = _whole


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return ""


def _set_working_folder(path: str) -> None:
    if path:
        os.chdir(path)


def _write_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]
    warnings._filters_mutated() if hasattr(warnings, "_filters_mutated") else None  # type: ignore[attr-defined]


def _blanket_filters(filters: list[Any]) -> list[Any]:
    """The filters that hit whole kinds of warnings. Libraries add narrow ones when parts of them are first used."""
    return [entry for entry in filters if entry[1] is None and entry[3] is None and entry[2].__module__ == "builtins"]


PARTS = (
    Part("torch's default dtype", torch.get_default_dtype, torch.set_default_dtype),
    Part("torch's default device", torch.get_default_device, torch.set_default_device),
    Part("torch's gradient mode", torch.is_grad_enabled, torch.set_grad_enabled),
    Part("torch's number of threads", torch.get_num_threads, torch.set_num_threads),
    Part("the seed of torch's global generator", torch.initial_seed, lambda _seed: None),
    Part("the working folder", _working_folder, _set_working_folder),
    Part("the filters of warnings", lambda: list(warnings.filters), _write_filters, _blanket_filters),
)


@contextmanager
def restored(report: Callable[[str], None]) -> Generator[None, None, None]:
    """Run the block; afterwards put back every part that it changed and name each to `report`."""
    before = [part.read() for part in PARTS]
    try:
        yield
    finally:
        for part, value in zip(PARTS, before, strict=True):
            after = part.read()
            if after != value:
                part.write(value)
                if part.telling(after) != part.telling(value):
                    report(part.name)


@contextmanager
def seeded(seed: int) -> Generator[None, None, None]:
    """Run the block with the global generators of torch, `random` and numpy seeded; put their states back afterwards."""
    numpy = sys.modules.get("numpy")
    states = torch.get_rng_state(), random.getstate(), numpy.random.get_state() if numpy else None
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    if numpy:
        numpy.random.seed(seed % 2**32)
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        if numpy:
            numpy.random.set_state(states[2])


_PYTHON = "<625I?d"
_NUMPY = "<624Iii d"


def generators() -> bytes:
    """The states of the global generators of torch, `random` and numpy, as bytes."""
    import numpy as np

    _, words, gauss = random.getstate()
    _, keys, position, has_gauss, cached = np.random.get_state()  # type: ignore[misc]
    python = struct.pack(_PYTHON, *words, gauss is not None, gauss or 0.0)
    return python + struct.pack(_NUMPY, *keys, position, has_gauss, cached) + bytes(torch.get_rng_state().numpy())


def set_generators(states: bytes) -> None:
    """Put the global generators into the `states` that `generators` gave."""
    import numpy as np

    python, numpy = struct.calcsize(_PYTHON), struct.calcsize(_NUMPY)
    *words, has_gauss, gauss = struct.unpack_from(_PYTHON, states)
    random.setstate((3, tuple(words), gauss if has_gauss else None))
    *keys, position, has_gauss, cached = struct.unpack_from(_NUMPY, states, python)
    np.random.set_state(("MT19937", np.array(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(torch.frombuffer(bytearray(states[python + numpy :]), dtype=torch.uint8))
