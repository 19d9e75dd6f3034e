"""Values as a failure message shows them: short, aligned, with as many digits as the difference needs."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

MOST_ENTRIES = 8
MOST_ROWS = 6


def printable(text: str) -> str:
    """`text` with nothing in it that a terminal, or a page that shows it, could act on: no control or format character."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def shape(tensor: Tensor) -> str:
    return "[" + ",".join(map(str, tensor.shape)) + "]"


def dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def kind(value: Any) -> str:
    """What a value is: `a Tensor [7,3] float64`, `None`, `a list of 4`."""
    if value is None:
        return "None"
    if isinstance(value, Tensor):
        return f"a Tensor {shape(value)} {dtype(value)}"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of {len(value)}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def arguments(names: list[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The arguments of a call as `X [7,3], y [7], lr=0.1`; `names` are the student's own parameter names."""
    shown = [_argument(names[i] if i < len(names) else "", value) for i, value in enumerate(args)]
    return ", ".join(shown + [_argument(name, value) for name, value in kwargs.items()])


def _argument(name: str, value: Any) -> str:
    if isinstance(value, Tensor):
        return f"{name} {shape(value)}".strip()
    if isinstance(value, bool | int | float | str | type(None)):
        return f"{name}={short(value)}" if name else short(value)
    if isinstance(value, list) and value and len(value) <= 4 and all(isinstance(item, bool | int | float) for item in value):
        listed = "[" + ", ".join(map(short, value)) + "]"
        return f"{name}={listed}" if name else listed
    return name or kind(value)


def short(value: Any) -> str:
    """A plain value in few characters."""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def beside(first: Tensor, second: Tensor, digits: int) -> tuple[str, str]:
    """Both tensors as `value` shows them, with columns of one width, so that they can be read one above the other."""
    width = max(_width(tensor, digits) for tensor in (first, second))
    return _tensor(first, digits, width), _tensor(second, digits, width)


def value(data: Any, digits: int = 5) -> str:
    """A tensor's entries, a number, or a list of numbers, cut where they are many."""
    if isinstance(data, Tensor):
        return _tensor(data, digits)
    if isinstance(data, float):
        return _number(data, digits)
    if isinstance(data, list | tuple) and data and all(isinstance(item, int | float) for item in data):
        return "[" + _row([_number(item, digits) for item in data]) + "]"
    if isinstance(data, list | tuple | dict | set) and len(data) > MOST_ENTRIES:
        return kind(data)
    return short(data)


def _width(tensor: Tensor, digits: int) -> int:
    shown = (
        tensor.detach().reshape(-1, tensor.shape[-1])[:MOST_ROWS, :MOST_ENTRIES]
        if tensor.ndim and tensor.numel() and not tensor.is_meta
        else None
    )
    return max((len(_number(item, digits)) for item in shown.flatten().tolist()), default=0) if shown is not None else 0


def _tensor(tensor: Tensor, digits: int, width: int = 0) -> str:
    if tensor.is_meta:
        return kind(tensor)
    tensor = tensor.detach().cpu()
    if tensor.ndim == 0:
        return _number(tensor.item(), digits)
    if tensor.numel() == 0:
        return "[] (no entries)"
    if tensor.ndim > 2:
        return value(tensor.reshape(-1), digits) + f"  (flattened from {shape(tensor)})"
    if tensor.ndim == 1:
        return "[" + _row([_number(item, digits) for item in tensor.tolist()], width) + "]"
    rows = ["[" + _row([_number(item, digits) for item in row], width) + "]" for row in tensor[:MOST_ROWS].tolist()]
    more = [f"… {len(tensor) - MOST_ROWS} more rows"] if len(tensor) > MOST_ROWS else []
    return "\n".join(rows + more)


def _row(numbers: list[str], width: int = 0) -> str:
    shown = numbers[:MOST_ENTRIES]
    width = max(width, *map(len, shown))
    more = f", … {len(numbers)} in all" if len(numbers) > MOST_ENTRIES else ""
    return ", ".join(number.rjust(width) for number in shown) + more


def _number(number: Any, digits: int) -> str:
    if isinstance(number, bool) or not isinstance(number, float):
        return str(number)
    if not math.isfinite(number) or number == 0:
        return f"{number:g}" if number else "0"
    size = math.floor(math.log10(abs(number)))
    if -4 <= size < 6:
        return f"{number:.{max(digits - 1 - max(size, 0), 1)}f}"
    return f"{number:.{digits - 1}e}"
