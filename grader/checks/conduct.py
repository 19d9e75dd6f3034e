"""The verbs that judge how a function behaves: what it leaves alone, what autograd sees of it, where it computes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor

from grader import bans, show
from grader.checks.compare import difference
from grader.checks.values import Mistakes, diagnose
from grader.face import Function, Student, face_of
from grader.plain import in_place, same_bits
from grader.verdict import CheckFailed, StudentError


@contextmanager
def unchanged(mistake: str | None = None, **values: Any) -> Generator[None, None, None]:
    """Fail where the block writes into one of the named tensors, also where the write was undone again.

    `mistake` is the id of the mistake that this proves. A generator must keep its state.
    """
    before = {name: _snapshot(value) for name, value in values.items()}
    with in_place(*values.values()):
        yield
    for name, value in values.items():
        facts = _changed(value, before[name])
        if facts:
            raise CheckFailed(f"expected   {name} left as it was\ngot        {facts}", name=name, diagnosis=mistake)


def _snapshot(value: Any) -> Any:
    if isinstance(value, torch.Generator):
        return value.get_state()
    if isinstance(value, list | tuple):
        return [_snapshot(item) for item in value]
    if isinstance(value, Tensor):
        return value.detach().clone(), value._version, value.requires_grad
    raise TypeError(f"unchanged() watches tensors, generators and lists of them, not {show.kind(value)}")


def _changed(value: Any, before: Any) -> str | None:
    if isinstance(value, torch.Generator):
        return None if torch.equal(value.get_state(), before) else "numbers were drawn from it"
    if isinstance(value, list | tuple):
        if len(value) != len(before):
            return f"{len(value)} items, there were {len(before)}"
        return next((facts for item, old in zip(value, before, strict=True) if (facts := _changed(item, old))), None)
    data, version, requires_grad = before
    if not same_bits(value.detach(), data):
        return f"{show.value(value)}\nwas        {show.value(data)}{_largest_change(value.detach(), data)}"
    if value._version != version:
        return "it was written to in place and set back afterwards; rounding makes that unsafe, work on a copy"
    if value.requires_grad != requires_grad:
        return f"its requires_grad is now {value.requires_grad}"
    return None


@cache
def _load_meta() -> None:
    """Use the meta device once: torch then loads what it needs for it, which must not eat the student's time."""
    _ = torch.ones(2, 2, device="meta") @ torch.ones(2, device="meta") + torch.ones((), device="meta")


def _tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in `value` and in the lists and tuples that it holds."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


def _largest_change(after: Tensor, before: Tensor) -> str:
    """Said of floats, for what was moved and moved back may differ by a rounding that no shown digit tells."""
    if after.shape != before.shape or not (after.is_floating_point() and after.dtype == before.dtype):
        return ""
    return f"\nlargest change {float((after - before).abs().max()):.3g}"


def assert_differentiable(
    function: Function, oracle: Callable[..., Tensor], upstream: Tensor, *args: Tensor, mistakes: Mistakes | None = None
) -> None:
    """Fail unless autograd through `function` gives the gradients that autograd through `oracle` gives.

    Args:
        function: the student's function, `student.name`.
        oracle: the same function from torch or arithmetic.
        upstream: the gradient that comes from above, random, of the result's shape; ones would hide mistakes.
        args: the inputs; a gradient is taken with respect to each.
        mistakes: see `looks_like`; each value is a tuple of gradients, one per argument.
    """
    leaves = [value.detach().clone().requires_grad_(True) for value in args]
    expected = torch.autograd.grad((oracle(*leaves) * upstream).sum(), leaves)
    got = function.vjp(upstream, *args)
    for i, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
        if mine is None:
            raise CheckFailed(
                f"expected   a gradient with respect to argument {i + 1}\ngot        none: the result does not depend on it"
            )
        found = difference(mine, theirs)
        if found:
            raise CheckFailed(
                f"the gradient with respect to argument {i + 1}\n{found.facts}",
                diagnosis=diagnose(got, expected, mistakes or {}),
                name="its gradient",
            )


NEEDS_VALUES = (
    "item() cannot be called on meta",
    "Cannot copy out of meta",
    "convert meta device type tensor",
    "_local_scalar_dense",
    "is_nonzero",
)


def assert_follows_device(function: Function, *args: Any) -> None:
    """Fail where `function` makes tensors on a fixed device: it is run on torch's meta device, which holds no numbers.

    Only shapes are computed there. A function that asks for a number, by .item() for instance, cannot be judged so and
    passes. Docs: https://docs.pytorch.org/docs/stable/meta.html
    """
    _load_meta()
    moved = [value.detach().to("meta") if isinstance(value, Tensor) else value for value in args]
    try:
        result = function(*moved)
    except StudentError as error:
        if any(text in error.text for text in NEEDS_VALUES):
            return
        raise CheckFailed(f"inputs on the device `meta` were given\n{error.facts}", line=error.line) from error
    for part in _tensors(result):
        if not part.is_meta:
            raise CheckFailed(
                f"expected   a result on the device of the inputs, here `meta`\ngot        one on `{part.device}`", subject=part
            )


# What computes gradients for one. `torch.no_grad`, `.detach()` and plain arithmetic are always allowed.
AUTOGRAD = ("Tensor.backward", "torch.autograd.grad", "torch.autograd.backward", "torch.autograd.functional", "torch.func")


@contextmanager
def banned(
    student: Student, *names: str, functions: list[str], why: str, mistake: str | None = None
) -> Generator[None, None, None]:
    """Fail where `functions` mention one of the dotted `names`, or the block's calls reach one.

    Args:
        student: the student's module.
        names: such as `torch.optim` (all in it) or `Tensor.backward` (the method of any object).
        functions: the TODO functions that are meant; what they call in the same file counts as theirs.
        why: why the ban is there, for the message.
        mistake: the id of the mistake that this proves.
    """
    face = face_of(student)
    submission = face.submission
    for finding in bans.find(submission, list(names), functions):
        raise CheckFailed(
            f"`{finding.name}` is used in line {finding.line}:\n    {submission.line(finding.line)}\n{why}",
            line=finding.line,
            diagnosis=mistake,
        )
    try:
        with face.ban(list(names)):
            yield
    except StudentError as error:
        if error.kind != "Banned":
            raise
        raise CheckFailed(f"{error.facts}\n{why}", line=error.line, diagnosis=mistake) from error
