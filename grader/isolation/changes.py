"""What the student's code changed in place, written into the check's own values; every change is checked first."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grader.isolation.protocol import expect
from grader.isolation.wire import BadFrame
from grader.plain import is_given_back, tensor_back


def apply(change: Any, sent: list[Any]) -> None:
    """Write one change in place into the check's own value.

    Raises:
        BadFrame: it does not fit that value.
    """
    number, *parts = expect(change, tuple)
    if type(number) is not int or not 0 <= number < len(sent):
        raise BadFrame("a change of nothing")
    value = sent[number]
    if not is_given_back(value):
        return
    match parts:
        case [bool(written), Tensor() as twin, None | Tensor() as grad] if isinstance(value, Tensor):
            _tensor(value, twin, grad, written)
        case [torch.Generator() as twin] if isinstance(value, torch.Generator):
            value.set_state(twin.get_state())
        case [dict(entries)] if isinstance(value, dict):
            value.clear()
            value.update(entries)
        case [list(items)] if isinstance(value, list):
            value[:] = items
        case _:
            raise BadFrame("a change of another kind")


def _tensor(value: Tensor, twin: Tensor, grad: Tensor | None, written: bool) -> None:
    try:
        twin.grad = grad
        tensor_back(value, twin, written)
    except RuntimeError:
        raise BadFrame("a change of another form") from None
