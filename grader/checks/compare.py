"""Whether two plain values agree: kind, shape, dtype and finiteness first, then every number within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader import show

# What two right computations may differ by, relative to the largest expected entry, by dtype. float64: right answers in
# another order of operations differ by up to 2e-14 (500 steps of descent over 20 seeds), a detour through float32 by
# 2e-9 and more. float32: right answers differ by up to 2e-6 (400 steps), the smallest planted mistake by 1e-3.
TOLERANCES = {torch.float64: 1e-10, torch.float32: 3e-5, torch.float16: 2e-2, torch.bfloat16: 5e-2}
float_tolerance = ContextVar("float_tolerance", default=TOLERANCES[torch.float64])  # follows the dtype under test


@dataclass(frozen=True)
class Difference:
    """The first place where two values disagree: `path` leads there, `facts` says how."""

    path: str
    facts: str
    got: Any


def difference(got: Any, expected: Any, tolerance: float | None = None) -> Difference | None:
    """The first difference of `got` from `expected`, or None where they agree.

    Tensors agree when shape, dtype and device are equal and no entry is off by more than `tolerance` (default: by dtype)
    times the largest expected entry. Containers agree when their lengths or keys and all their items do; a list agrees
    with a tuple. A float agrees with a float alone, an int with an int.
    """
    return next(_differences(got, expected, tolerance, ""), None)


def _differences(got: Any, expected: Any, tolerance: float | None, path: str) -> Iterator[Difference]:
    if isinstance(expected, Tensor):
        facts = _tensor(got, expected, tolerance)
    elif isinstance(expected, bool) or expected is None or isinstance(expected, str):
        facts = None if type(got) is type(expected) and got == expected else _two(expected, got)
    elif isinstance(expected, int):
        facts = None if type(got) is int and got == expected else _two(expected, got)
    elif isinstance(expected, float):
        facts = _float(got, expected, tolerance)
    elif isinstance(expected, dict):
        yield from _dicts(got, expected, tolerance, path)
        return
    elif _numbers(expected) and _numbers(got) and len(got) == len(expected):
        facts = _float_list(list(got), list(expected), tolerance)
    elif isinstance(expected, list | tuple):
        yield from _sequences(got, expected, tolerance, path)
        return
    else:
        raise TypeError(f"a check cannot compare with {show.kind(expected)}")
    if facts:
        yield Difference(path, facts, got)


def _sequences(got: Any, expected: list[Any] | tuple[Any, ...], tolerance: float | None, path: str) -> Iterator[Difference]:
    if not isinstance(got, list | tuple):
        yield Difference(path, f"expected   {show.kind(expected)}\ngot        {_kind(got)}", got)
    elif len(got) != len(expected):
        yield Difference(path, f"expected   {len(expected)} items\ngot        {len(got)}", got)
    else:
        for i, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
            yield from _differences(mine, theirs, tolerance, f"{path}[{i}]")


def _dicts(got: Any, expected: dict[Any, Any], tolerance: float | None, path: str) -> Iterator[Difference]:
    if not isinstance(got, dict):
        yield Difference(path, f"expected   a dict with the keys {list(expected)}\ngot        {_kind(got)}", got)
    elif got.keys() != expected.keys():
        yield Difference(path, f"expected   the keys {list(expected)}\ngot        {list(got)}", got)
    else:
        for key, theirs in expected.items():
            yield from _differences(got[key], theirs, tolerance, f"{path}[{key!r}]")


def _numbers(values: Any) -> bool:
    return isinstance(values, list | tuple) and len(values) > 0 and all(type(value) is float for value in values)


def _kind(got: Any) -> str:
    return "None (is a `return` missing?)" if got is None else show.kind(got)


def _two(expected: Any, got: Any) -> str:
    shown = show.value(got)
    if type(got) is not type(expected):
        shown = _kind(got) if isinstance(got, Tensor) or got is None else f"{shown}, {show.kind(got)}"
    return f"expected   {show.value(expected)}\ngot        {shown}"


def _tensor(got: Any, expected: Tensor, tolerance: float | None) -> str | None:
    if not isinstance(got, Tensor):
        return f"expected   {show.kind(expected)}\ngot        {_kind(got)}"
    if got.shape != expected.shape:
        return f"expected   the shape {show.shape(expected)}\ngot        {show.shape(got)}"
    if got.dtype != expected.dtype:
        return f"expected   the dtype {show.dtype(expected)}, as the inputs have it\ngot        {show.dtype(got)}"
    if got.device != expected.device:
        return f"expected   a tensor on {expected.device}, where the inputs are\ngot        one on {got.device}"
    if expected.is_meta:
        return None
    if not expected.is_floating_point():
        return None if torch.equal(got, expected) else f"{_values(got, expected)}\n{_wrong_entries(got, expected)}"
    return _floats(got.detach(), expected.detach(), tolerance)


def _wrong_entries(got: Tensor, expected: Tensor) -> str:
    return f"{int((got != expected).sum())} of {expected.numel()} entries are wrong"


def _floats(got: Tensor, expected: Tensor, tolerance: float | None) -> str | None:
    bad = int((~got.isfinite()).sum())
    if bad and bool(expected.isfinite().all()):
        return f"{_values(got, expected)}\n{bad} of {got.numel()} entries are NaN or infinite"
    relative = TOLERANCES[expected.dtype] if tolerance is None else tolerance
    if math.isinf(relative):
        return None  # kind, shape, dtype and finiteness were all that was asked for
    finite = expected[expected.isfinite()]
    scale = float(finite.abs().max()) if finite.numel() else 0.0
    off = (got - expected).abs().masked_fill(got == expected, 0.0)
    worst = float(off.max()) if off.numel() else 0.0
    if worst <= relative * scale:  # NaN is not
        return None
    digits = _digits(worst, scale)
    lines = [_values(got, expected, digits), f"largest difference {worst:.3g}, allowed {relative * scale:.2g}"]
    relation = _relation(got, expected)
    return "\n".join(lines + ([relation] if relation else []))


def _float(got: Any, expected: float, tolerance: float | None) -> str | None:
    if type(got) is not float:
        return f"expected   {show.value(expected)}, a Python float\ngot        {_kind(got)}"
    if got == expected:
        return None
    relative = float_tolerance.get() if tolerance is None else tolerance
    off = abs(got - expected)
    if math.isfinite(off) and off <= relative * abs(expected):
        return None
    digits = _digits(off, abs(expected))
    facts = f"expected   {show.value(expected, digits)}\ngot        {show.value(got, digits)}"
    if not math.isfinite(off):
        return facts
    relation = _relation(torch.tensor([got]), torch.tensor([expected]))
    return f"{facts}\ndifference {off:.3g}, allowed {relative * abs(expected):.2g}" + (f"\n{relation}" if relation else "")


def _float_list(got: list[float], expected: list[float], tolerance: float | None) -> str | None:
    """A list of losses is compared as a tensor is: relative to its largest entry, since a curve may fall to zero."""
    mine, theirs = (torch.tensor(values, dtype=torch.float64) for values in (got, expected))
    tolerance = float_tolerance.get() if tolerance is None else tolerance
    facts = _floats(mine, theirs, tolerance)
    if facts is None or len(expected) == 1:
        return facts
    allowed = tolerance * float(theirs.abs().max())
    first = int((~((mine - theirs).abs() <= allowed)).nonzero()[0])
    return f"{facts}\nthe first wrong entry is [{first}]: expected {expected[first]:.8g}, got {got[first]:.8g}"


def _values(got: Tensor, expected: Tensor, digits: int = 5) -> str:
    indent = "\n" + " " * 11
    theirs, mine = show.beside(expected, got, digits)
    return f"expected   {theirs.replace(chr(10), indent)}\ngot        {mine.replace(chr(10), indent)}"


def _digits(off: float, scale: float) -> int:
    """Enough digits to see the difference `off` in numbers of the size `scale`."""
    if not (off > 0 and scale > 0 and math.isfinite(off)):
        return 5
    return min(max(5, math.ceil(-math.log10(off / scale)) + 2), 16)


def _relation(got: Tensor, expected: Tensor) -> str | None:
    """How `got` relates to `expected` as a whole, where that is simple."""
    got, expected = got.cpu().double(), expected.cpu().double()  # mps has no float64
    if not bool(got.isfinite().all()) or not bool((expected.abs() > 1e-12).all()):
        return None
    if not bool(got.any()):
        return "every entry is 0"
    ratio, offset = got / expected, got - expected
    close = 1e-6
    if float((ratio - 1).abs().max()) < close:
        return "correct to 6 digits or more, but not to all: a detour through float32 does that"
    if _constant(ratio, close):
        times = float(ratio.flatten()[0])
        if abs(times + 1) < close:
            return "the sign is reversed"
        return f"{_every(got)} {times:.6g} times the expected one" if got.numel() > 1 or _simple(times, close) else None
    if got.numel() > 1 and _constant(offset, close):
        return f"every entry is off by {float(offset.flatten()[0]):+.6g}"
    if got.ndim == 2 and got.shape[0] == got.shape[1] and _near(got.T, expected, close):
        return "it is the transpose of the expected one"
    if got.numel() > 1 and _near(got.flatten().sort().values, expected.flatten().sort().values, close):
        return "the numbers are right, their order is not"
    return None


def _simple(ratio: float, close: float) -> bool:
    """Whether `ratio` is a whole number or one over a whole number; any other says nothing of a single number."""
    larger = max(abs(ratio), 1 / abs(ratio))
    return larger < 100 and abs(larger - round(larger)) < close


def _every(got: Tensor) -> str:
    return "every entry is" if got.numel() > 1 else "it is"


def _constant(values: Tensor, close: float) -> bool:
    first = values.flatten()[0]
    return _near(values, first.expand_as(values), close)


def _near(a: Tensor, b: Tensor, close: float) -> bool:
    return bool(((a - b).abs() <= close * b.abs()).all())
