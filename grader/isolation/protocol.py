"""What the two sides say to each other: a request is a head and the arguments, an answer a word and what belongs to it.

After the word `done` come the value, the changes in place and the notes; after `fault` a Fault's parts and the notes;
after `callback` the number of the check's function and its arguments, to which the reply is `value` or `raised`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import torch

from grader.isolation.decoder import Decoder
from grader.isolation.encoder import Encoder
from grader.isolation.wire import DTYPES, BadFrame

MOST_REQUEST = 1 << 31
MOST_ANSWER = 64 << 20
MOST_CALLBACKS = 100_000
MOST_HANDLES = 10_000
READY = b"ready"


@dataclass(frozen=True)
class Head:
    """What a request asks for, all of it atoms.

    Attributes:
        op: parse, load, call, vjp, get or set.
        target: the number of the object.
        name: of its attribute.
        banned: the banned names, one per line.
        left: the seconds that are left.
        gradients: whether gradients are being recorded.
        dtype: torch's default one.
        generators: the state of the global generators, where it has changed since the last request.
    """

    op: str
    target: int
    name: str
    banned: str
    left: float
    gradients: bool
    dtype: torch.dtype
    generators: bytes | None

    def write(self, encoder: Encoder) -> None:
        for field in fields(self):
            encoder.write(getattr(self, field.name))

    @classmethod
    def read(cls, decoder: Decoder) -> Head:
        return cls(*(decoder.read() for _ in fields(cls)))


def expect(value: Any, *kinds: type) -> Any:
    """`value`, which must be of one of the exact types `kinds`.

    Raises:
        BadFrame: it is not.
    """
    if type(value) not in kinds:
        raise BadFrame(f"{type(value).__name__} where {kinds[0].__name__} is due")
    return value


def default_dtype() -> torch.dtype:
    """Return torch's default dtype, which is one of those that may cross."""
    dtype = torch.get_default_dtype()
    assert dtype in DTYPES
    return dtype
