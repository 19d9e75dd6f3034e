"""Values that cross between a check and the student's code are copied, so that neither side can reach into the other.

What may cross: None, bool, int, float, str, dtypes and devices, tensors, lists, tuples, dicts and sets of those, torch
generators (with their state), plain functions (called back) and, on the way out, figures (as `Drawing`), iterators
(drawn to their end) and anything else as a one-way `Handle`.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor

ATOMS = (type(None), bool, int, float, complex, str, bytes, torch.dtype, torch.device)
MOST_ITEMS = 100_000

Convert = Callable[[Any], Any]


def copy_tensor(tensor: Tensor) -> Tensor:
    """The same numbers in memory of their own: no graph, no subclass, `requires_grad` kept."""
    plain = tensor.detach().as_subclass(Tensor).clone()
    return plain.requires_grad_() if tensor.requires_grad else plain


def copy_generator(generator: torch.Generator) -> torch.Generator:
    twin = torch.Generator(device=generator.device)
    twin.set_state(generator.get_state())
    return twin


_given_back: ContextVar[tuple[Any, ...]] = ContextVar("given_back", default=())


@contextmanager
def in_place(*values: Any) -> Generator[None, None, None]:
    """Within the block, what the student's code changes in place in one of `values` is changed there too.

    All other arguments stay as they are whatever the student's code does to its copies, so that no expected value can be
    spoilt through its inputs. Of a list, tuple or dict the items are meant too. Generators always come back advanced.
    """
    token = _given_back.set((*_given_back.get(), *values))
    try:
        yield
    finally:
        _given_back.reset(token)


def is_given_back(value: Any) -> bool:
    """Whether changes in place of `value` are to be seen by the check."""
    return isinstance(value, torch.Generator) or _is_among(value, _given_back.get())


def _is_among(value: Any, items: Iterable[Any]) -> bool:
    for item in items:
        inner = item.values() if isinstance(item, dict) else item if isinstance(item, list | tuple) else ()
        if item is value or _is_among(value, inner):
            return True
    return False


class Arguments:
    """The copies of one call's arguments, which the student gets, and the way back for what is changed `in_place`.

    Aliases stay aliases: one tensor passed twice, or a view beside its base, is so in the copies too.
    """

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any], function: Convert) -> None:
        self._function = function
        self._memo: dict[int, Any] = {}
        self._pairs: list[tuple[Any, Any, int]] = []
        self.args: tuple[Any, ...] = tuple(self._copy(value) for value in args)
        self.kwargs: dict[str, Any] = {name: self._copy(value) for name, value in kwargs.items()}

    def _copy(self, value: Any) -> Any:
        if isinstance(value, ATOMS):
            return value
        if id(value) in self._memo:
            return self._memo[id(value)]
        twin = self._twin(value)
        self._memo[id(value)] = twin
        self._pairs.append((value, twin, twin._version if isinstance(twin, Tensor) else 0))
        return twin

    def _twin(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return copy.deepcopy(value, self._memo)
        if isinstance(value, torch.Generator):
            return copy_generator(value)
        if isinstance(value, dict):
            return {self._copy(k): self._copy(v) for k, v in value.items()}
        if isinstance(value, list | tuple | set):
            return type(value)(self._copy(item) for item in value)
        return self._function(value)

    def copy_back(self, plain: Convert) -> None:
        """Write what the student changed in place into the check's own values; `plain` converts new entries."""
        pairs = [pair for pair in self._pairs if is_given_back(pair[0])]
        originals = {id(twin): value for value, twin, _ in pairs}

        def back(item: Any) -> Any:
            return originals[id(item)] if id(item) in originals else plain(item)

        for value, twin, version in pairs:
            if isinstance(value, Tensor):
                tensor_back(value, twin, twin._version != version)
            elif isinstance(value, torch.Generator):
                value.set_state(twin.get_state())
            elif isinstance(value, dict):
                entries = {key: back(item) for key, item in twin.items()}
                value.clear()
                value.update(entries)
            elif isinstance(value, list):
                value[:] = [back(item) for item in twin]


def called_back(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], other: Convert) -> Any:
    """What the check's `function` gives for arguments that the student's code passed; all that crosses is copied."""
    theirs = [plain(value, other) for value in args]
    result = function(*theirs, **{name: plain(value, other) for name, value in kwargs.items()})
    return plain(result.detach() if isinstance(result, Tensor) else result, other)


def same_bits(a: Tensor, b: Tensor) -> bool:
    """Equal shape, dtype and numbers, NaN equal to NaN."""
    if a.shape != b.shape or a.dtype != b.dtype or a.device != b.device:
        return False
    return a.is_meta or bool(((a == b) | ((a != a) & (b != b))).all())


def tensor_back(value: Tensor, twin: Tensor, written: bool) -> None:
    """Give the check's `value` what the student's `twin` of it holds now; `written` says that it was written to."""
    with torch.no_grad():
        if value.shape != twin.shape or value.dtype != twin.dtype:
            value.data = twin.detach().clone()
        elif written or not same_bits(value, twin):
            value.copy_(twin)  # a write counts as a write, also one that was undone: it raises the version here too
    if value.is_leaf and value.is_floating_point():
        value.requires_grad_(twin.requires_grad)
    grad = fitting_gradient(twin)
    value.grad = None if grad is None else grad.detach().clone()


def fitting_gradient(tensor: Tensor) -> Tensor | None:
    """A leaf's `.grad`, where it still fits: after `w.data = …` shape and dtype may be others than the gradient's."""
    grad = tensor.grad if tensor.is_leaf else None
    fits = grad is not None and grad.shape == tensor.shape and grad.dtype == tensor.dtype
    return grad if fits else None


def plain(value: Any, other: Convert) -> Any:
    """`value`, which the student's code returned, as plain data; `other` converts what is none."""
    if isinstance(value, Tensor):
        return copy_tensor(value)
    if isinstance(value, bool | int | str) and type(value) in (bool, int, str):
        return value
    if isinstance(value, float):
        return value if type(value) is float else float.__add__(value, 0.0)
    if isinstance(value, ATOMS):
        return value
    if isinstance(value, torch.Generator):
        return copy_generator(value)
    if isinstance(value, dict):
        return {plain(k, other): plain(v, other) for k, v in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item, other) for item in value)
    if isinstance(value, list):
        return [plain(item, other) for item in value]
    if isinstance(value, set | frozenset):
        return {plain(item, other) for item in value}
    if isinstance(value, Iterator):
        return [plain(item, other) for item in _at_most(value, MOST_ITEMS)]
    if isinstance(value, type({}.keys()) | type({}.values()) | type({}.items())):
        return [plain(item, other) for item in value]
    if is_figure(value):
        from grader.drawing import describe

        return describe(value)
    return other(value)


def _at_most(values: Iterator[Any], most: int) -> Iterator[Any]:
    for count, value in enumerate(values):
        if count == most:
            raise OverflowError(f"the iterator gave more than {most:,} items")
        yield value


def is_figure(value: Any) -> bool:
    """Whether `value` is a matplotlib Figure, without importing matplotlib for the question."""
    figure = sys.modules.get("matplotlib.figure")
    return figure is not None and isinstance(value, figure.Figure)
