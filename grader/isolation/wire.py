"""What may cross between the trusted side and a child: the limits, the tables of kinds, and the markers.

There is no pickle and no shared memory; no subclass and no code ever arrives. A value is one byte that says its kind,
then its contents; numbers are little-endian. `encoder` writes it, `decoder` reads it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from grader.drawing import Contour, Drawing, Line, Panel

MOST_NODES = 150_000  # values in one frame
MOST_KEYS = 10_000  # entries of all dicts and sets in one frame: chosen integers collide, and would cost their square
MOST_DEPTH = 60
MOST_TEXT = 1_000_000  # bytes of one string
MOST_DIMENSIONS = 16
MOST_INTEGER = 512  # bytes of one integer

DTYPES: tuple[torch.dtype, ...] = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.bool),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.complex64, torch.complex128),
)
DEVICES = ("cpu", "cuda", "mps", "meta")
RECORDS = (Line, Contour, Panel, Drawing)

REQUIRES_GRAD, HAS_GRAD, IS_META = 1, 2, 4


class BadFrame(Exception):
    """The bytes are no frame of plain data."""


class CannotSend(TypeError):
    """A value that must not cross; the text names it."""


@dataclass(frozen=True)
class Kept:
    """An object that stays with the student: its number at the bench and the name of its type."""

    key: int
    kind: str


@dataclass(frozen=True)
class Named:
    """The attribute `name` of the student's object number `target`."""

    target: int
    name: str


@dataclass(frozen=True)
class Callback:
    """A function of the check's: calling it sends its number and the arguments back."""

    number: int


@dataclass(frozen=True)
class Ref:
    """The value that came as number `index` in the same request: an alias of it."""

    index: int


Marker = Kept | Named | Callback | Ref
MARKERS: tuple[type[Marker], ...] = (Kept, Named, Callback, Ref)
