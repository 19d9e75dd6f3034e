"""Bytes as plain data. Reading is total: any bytes give exact builtin values, tensors, generators and drawings, or
`BadFrame`; every size is checked against what is left before anything is made.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor

from grader.drawing import Contour, Drawing, Line, Panel
from grader.isolation.wire import (
    DEVICES,
    DTYPES,
    HAS_GRAD,
    IS_META,
    MARKERS,
    MOST_DEPTH,
    MOST_DIMENSIONS,
    MOST_INTEGER,
    MOST_KEYS,
    MOST_NODES,
    MOST_TEXT,
    RECORDS,
    REQUIRES_GRAD,
    BadFrame,
    Ref,
)


class Decoder:
    """Reads values, one after the other, from one frame.

    Args:
        data: the frame.
        place: gives what stands on this side for a marker; it raises BadFrame for one that must not come.
        memory: whether windows on shared memory may come, as they do in requests; `received` then lists all that is
            more than an atom, by the numbers that `Ref` uses.
    """

    def __init__(self, data: bytes, place: Callable[[Any], Any], memory: bool = False) -> None:
        self._data, self._at = memoryview(data), 0
        self._nodes, self._keys = 0, 0
        self.place, self._memory = place, memory
        self._storages: list[Tensor] = []
        self.received: list[Any] = []

    def read(self) -> Any:
        """The next value.

        Raises:
            BadFrame: there is none.
        """
        try:
            return self._value(0)
        except (struct.error, ValueError, TypeError, RuntimeError, OverflowError, IndexError, RecursionError) as error:
            raise BadFrame(type(error).__name__) from None

    def done(self) -> None:
        """Raise BadFrame unless the frame has been read to its end."""
        if self._at != len(self._data):
            raise BadFrame("bytes after the last value")

    def _value(self, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MOST_NODES or depth > MOST_DEPTH:
            raise BadFrame("too many values, or nested too deeply")
        tag = bytes(self._take(1))
        if tag in ATOMS:
            return ATOMS[tag](self)
        if tag == b"m":
            return self._marker()
        if tag == b"y" and not self._memory:
            raise BadFrame("a window on memory")
        value = self._whole(tag, depth)
        if self._memory:
            self.received.append(value)
        return value

    def _take(self, count: int) -> memoryview:
        if count > len(self._data) - self._at:
            raise BadFrame("cut short")
        self._at += count
        return self._data[self._at - count : self._at]

    def _numbers(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self._take(struct.calcsize("<" + layout)))

    def _sized(self, most: int) -> bytes:
        (count,) = self._numbers("I")
        if count > most:
            raise BadFrame("too many bytes")
        return bytes(self._take(count))

    def _integer(self) -> int:
        return int.from_bytes(self._sized(MOST_INTEGER), "little", signed=True)

    def _text(self) -> str:
        return self._sized(MOST_TEXT).decode("utf-8")

    def _dtype(self) -> torch.dtype:
        return DTYPES[self._numbers("B")[0]]

    def _device(self) -> torch.device:
        kind, index = self._numbers("Bh")
        return torch.device(DEVICES[kind]) if index < 0 else torch.device(DEVICES[kind], index)

    def _whole(self, tag: bytes, depth: int) -> Any:
        if tag == b"x":
            return self._dense()
        if tag == b"y":
            return self._window()
        if tag == b"g":
            return self._generator()
        if tag == b"w":
            return self._record(depth)
        (count,) = self._numbers("I")
        if count > len(self._data) - self._at:  # every value takes a byte or more
            raise BadFrame("cut short")
        if tag in (b"d", b"e"):
            self._keys += count
            if self._keys > MOST_KEYS:
                raise BadFrame("too many keys")
        if tag == b"d":
            return {self._value(depth + 1): self._value(depth + 1) for _ in range(count)}
        items = [self._value(depth + 1) for _ in range(count)]
        if tag not in LISTS:
            raise BadFrame("no kind of value")
        return LISTS[tag](items)

    def _marker(self) -> Any:
        kind = MARKERS[self._numbers("B")[0]]
        found = [self._value(MOST_DEPTH) for _ in fields(kind)]
        expected = {"int": int, "str": str}
        if any(type(value) is not expected[str(field.type)] for value, field in zip(found, fields(kind), strict=True)):
            raise BadFrame("a marker of wrong parts")
        if kind is Ref and self._memory:
            return self.received[_index(found[0])]
        value = self.place(kind(*found))
        if self._memory:
            self.received.append(value)
        return value

    def _head(self) -> tuple[torch.dtype, int, tuple[int, ...]]:
        dtype, flags, ndim = self._numbers("BBB")
        if ndim > MOST_DIMENSIONS or flags > REQUIRES_GRAD | HAS_GRAD | IS_META:
            raise BadFrame("a tensor's head")
        return DTYPES[dtype], flags, self._numbers(f"{ndim}Q")

    def _dense(self) -> Tensor:
        dtype, flags, shape = self._head()
        if flags & IS_META:
            return torch.empty(shape, dtype=dtype, device="meta")
        data = bytearray(self._take(math.prod(shape) * dtype.itemsize))
        if dtype is torch.bool and data.strip(b"\0\1"):
            raise BadFrame("a truth value that is neither")
        tensor = torch.frombuffer(data, dtype=dtype).reshape(shape) if data else torch.empty(shape, dtype=dtype)
        return tensor.requires_grad_(bool(flags & REQUIRES_GRAD))

    def _window(self) -> Tensor:
        dtype, flags, shape = self._head()
        *stride, offset = self._numbers(f"{len(shape)}qq")
        (number,) = self._numbers("I")
        if number == len(self._storages):
            (size,) = self._numbers("Q")
            data = bytearray(self._take(size))
            self._storages.append(torch.frombuffer(data, dtype=torch.uint8) if data else torch.empty(0, dtype=torch.uint8))
        memory = self._storages[number].untyped_storage()
        # set_ and not as_strided: each window counts its own writes and is a leaf, as the copies on the desk are
        tensor = torch.empty(0, dtype=dtype).set_(memory, offset, shape, stride)
        tensor.requires_grad_(bool(flags & REQUIRES_GRAD))
        if flags & HAS_GRAD:
            self._numbers("B")
            tensor.grad = self._dense()
        return tensor

    def _generator(self) -> torch.Generator:
        state = bytearray(self._sized(MOST_TEXT))
        generator = torch.Generator()
        generator.set_state(torch.frombuffer(state, dtype=torch.uint8))
        return generator

    def _record(self, depth: int) -> Any:
        kind = RECORDS[self._numbers("B")[0]]
        found = kind(*(self._value(depth + 1) for _ in fields(kind)))
        if not _fits(found):
            raise BadFrame("a drawing of wrong parts")
        return found


ATOMS: dict[bytes, Callable[[Decoder], Any]] = {
    b"N": lambda _: None,
    b"?": lambda frame: bool(frame._numbers("B")[0]),
    b"i": Decoder._integer,
    b"f": lambda frame: frame._numbers("d")[0],
    b"c": lambda frame: complex(*frame._numbers("dd")),
    b"s": Decoder._text,
    b"b": lambda frame: frame._sized(MOST_TEXT),
    b"D": Decoder._dtype,
    b"V": Decoder._device,
}
LISTS: dict[bytes, type[Any]] = {b"l": list, b"t": tuple, b"e": set}


def _index(number: int) -> int:
    if number < 0:
        raise BadFrame("a reference to nothing")
    return number


def _fits(record: Any) -> bool:
    """Whether the parts of a drawing are of the types that its class names."""
    match record:
        case Line(label, xy):
            return type(label) is str and _points(xy)
        case Contour(lower, upper, xy):
            return type(lower) is float and type(upper) is float and _points(xy)
        case Panel(title, xlabel, ylabel, legend, lines, points, contours):
            texts = _all(legend, str) and all(type(text) is str for text in (title, xlabel, ylabel))
            return texts and _all(lines, Line) and _all(points, Line) and _all(contours, Contour)
        case Drawing(identity, title, panels):
            return type(identity) is int and type(title) is str and _all(panels, Panel)
        case _:
            return False


def _all(values: Any, kind: type) -> bool:
    return type(values) is tuple and all(type(value) is kind for value in values)


def _points(xy: Any) -> bool:
    return isinstance(xy, Tensor) and xy.dtype is torch.float64 and xy.ndim == 2 and xy.shape[1] == 2 and not xy.is_meta
