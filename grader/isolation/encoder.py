"""Plain data as bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor

from grader.isolation.wire import (
    DEVICES,
    DTYPES,
    HAS_GRAD,
    IS_META,
    MARKERS,
    MOST_DEPTH,
    MOST_INTEGER,
    MOST_NODES,
    MOST_TEXT,
    RECORDS,
    REQUIRES_GRAD,
    CannotSend,
    Marker,
    Ref,
)


class Encoder:
    """Writes values, one after the other.

    Args:
        mark: gives the marker that stands for a value which is no plain data.
        aliases: whether a value that occurs twice, or shares memory with another, does so on the other side too;
            `sent` then lists all that is more than an atom, in the order of the numbers that `Ref` uses.
    """

    def __init__(self, mark: Callable[[Any], Marker], aliases: bool = False) -> None:
        self._mark, self._aliases = mark, aliases
        self._nodes = 0
        self._parts: list[bytes] = []
        self._numbers: dict[int, int] = {}
        self._storages: dict[int, int] = {}
        self.sent: list[Any] = []

    def bytes(self) -> bytes:
        """All that has been written."""
        return b"".join(self._parts)

    @property
    def size(self) -> int:
        """How many bytes have been written."""
        return sum(map(len, self._parts))

    def write(self, value: Any, depth: int = 0) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise CannotSend(f"more than {MOST_NODES:,} values at once")
        if depth > MOST_DEPTH:
            raise CannotSend(f"a value is nested more than {MOST_DEPTH} deep")
        if self._atom(value):
            return
        if id(value) in self._numbers:
            self._marker(Ref(self._numbers[id(value)]))
            return
        self._whole(value, depth)
        if self._aliases and not isinstance(value, MARKERS):
            self._numbers[id(value)] = len(self.sent)
            self.sent.append(value)

    def _put(self, tag: bytes, layout: str = "", *numbers: Any) -> None:
        self._parts.append(tag + struct.pack("<" + layout, *numbers))

    def _atom(self, value: Any) -> bool:
        if value is None:
            self._put(b"N")
        elif isinstance(value, bool):
            self._put(b"?", "?", value)
        elif isinstance(value, int):
            self._sized(b"i", int(value).to_bytes(int(value).bit_length() // 8 + 1, "little", signed=True), MOST_INTEGER)
        elif isinstance(value, float):
            self._put(b"f", "d", value)
        elif isinstance(value, complex):
            self._put(b"c", "dd", value.real, value.imag)
        elif isinstance(value, str):
            self._sized(b"s", value.encode("utf-8", "replace"), MOST_TEXT)
        elif isinstance(value, bytes):
            self._sized(b"b", value, MOST_TEXT)
        elif isinstance(value, torch.dtype):
            self._put(b"D", "B", _dtype_number(value))
        elif isinstance(value, torch.device):
            self._put(b"V", "Bh", DEVICES.index(value.type), -1 if value.index is None else value.index)
        else:
            return False
        return True

    def _sized(self, tag: bytes, data: bytes, most: int) -> None:
        if len(data) > most:
            raise CannotSend(f"a value of {len(data):,} bytes, where at most {most:,} may cross")
        self._put(tag, "I", len(data))
        self._parts.append(data)

    def _whole(self, value: Any, depth: int) -> None:
        if isinstance(value, Tensor):
            self._shared(value) if self._aliases else self._dense(value)
        elif isinstance(value, torch.Generator):
            self._sized(b"g", bytes(value.get_state().numpy()), MOST_TEXT)
        elif isinstance(value, dict):
            self._put(b"d", "I", len(value))
            for key, item in value.items():
                self.write(key, depth + 1)
                self.write(item, depth + 1)
        elif isinstance(value, list | tuple | set):
            self._put(b"l" if isinstance(value, list) else b"t" if isinstance(value, tuple) else b"e", "I", len(value))
            for item in value:
                self.write(item, depth + 1)
        elif isinstance(value, RECORDS):
            self._put(b"w", "B", RECORDS.index(type(value)))
            for field in fields(value):
                self.write(getattr(value, field.name), depth + 1)
        else:
            self._marker(value if isinstance(value, MARKERS) else self._mark(value))

    def _marker(self, marker: Marker) -> None:
        self._put(b"m", "B", MARKERS.index(type(marker)))
        for field in fields(marker):
            self._atom(getattr(marker, field.name))

    def _head(self, tag: bytes, tensor: Tensor, grad: Tensor | None) -> None:
        flags = REQUIRES_GRAD * tensor.requires_grad | HAS_GRAD * (grad is not None) | IS_META * tensor.is_meta
        self._put(tag, f"BBB{tensor.ndim}Q", _dtype_number(tensor.dtype), flags, tensor.ndim, *tensor.shape)

    def _dense(self, tensor: Tensor) -> None:
        """A tensor's numbers, in memory of their own."""
        self._head(b"x", tensor, None)
        if not tensor.is_meta:
            self._parts.append(_raw(tensor.detach()))

    def _shared(self, tensor: Tensor) -> None:
        """A tensor as a window on its memory, which is sent with the first tensor that shows it."""
        if tensor.is_meta:
            self._dense(tensor)
            return
        if tensor.requires_grad and not tensor.is_leaf:
            raise CannotSend("a check cannot pass a tensor with a history to the student's code; detach it")
        grad = tensor.grad if tensor.is_leaf else None
        memory = tensor.untyped_storage()
        self._head(b"y", tensor, grad)
        self._put(b"", f"{tensor.ndim}qq", *tensor.stride(), tensor.storage_offset())
        new = memory.data_ptr() not in self._storages
        self._put(b"", "I", self._storages.setdefault(memory.data_ptr(), len(self._storages)))
        if new:
            self._put(b"", "Q", memory.nbytes())
            self._parts.append(_raw(torch.empty(0, dtype=torch.uint8).set_(memory)))
        if grad is not None:
            self._dense(grad)


def _dtype_number(dtype: torch.dtype) -> int:
    if dtype not in DTYPES:
        raise CannotSend(f"a tensor of the dtype {str(dtype).removeprefix('torch.')} cannot cross")
    return DTYPES.index(dtype)


def _raw(tensor: Tensor) -> bytes:
    if tensor.layout != torch.strided:
        raise CannotSend(f"a tensor of the layout {tensor.layout} cannot cross")
    if not tensor.numel():
        return b""
    flat = tensor.cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes()
