"""The verbs that judge what a function returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from grader import show
from grader.checks.compare import difference
from grader.verdict import CheckFailed, StudentError

Mistakes = Mapping[str, Any]


def looks_like(**mistakes: Any) -> Mistakes:
    """What each known mistake would have given: `looks_like(no_factor_2=expected / 2)`.

    A value may be a function without arguments that computes it, called only when the answer is wrong. Each name is a
    key of the grader's `MISTAKES`, which holds the sentence that explains it.
    """
    return mistakes


def diagnose(got: Any, expected: Any, mistakes: Mistakes, tolerance: float | None = None) -> str | None:
    """The one mistake whose value `got` is, or None where none fits or several do.

    A mistake whose value is also the expected one here says nothing and is passed over.
    """
    fitting: list[str] = []
    for name, value in mistakes.items():
        made = value() if callable(value) else value
        if difference(got, made, tolerance) is None and difference(made, expected, tolerance) is not None:
            fitting.append(name)
    return fitting[0] if len(fitting) == 1 else None


def assert_close(
    got: Any,
    expected: Any,
    mistakes: Mistakes | None = None,
    *,
    name: str | tuple[str, ...] | None = None,
    tolerance: float | None = None,
) -> None:
    """Fail unless `got` agrees with `expected` in kind, shape, dtype, finiteness and value.

    Args:
        got: what the student's code returned: a tensor, number, string, or a list, tuple or dict of those.
        expected: the same from torch, autograd or arithmetic.
        mistakes: see `looks_like`.
        name: what the value is called in the message, such as `dw`; of a tuple, what each part is called.
        tolerance: relative to the largest expected entry; by dtype where it is not given, and never looser without two
            measured figures beside it.
    """
    found = difference(got, expected, tolerance)
    if found is None:
        return
    diagnosis = diagnose(got, expected, mistakes or {}, tolerance)
    raise CheckFailed(found.facts, subject=found.got, name=_place(name, found.path), diagnosis=diagnosis)


def _place(name: str | tuple[str, ...] | None, path: str) -> str | None:
    """`losses[3]` for the path `[2][3]` in what is called ("w", "b", "losses")."""
    if isinstance(name, str) or name is None:
        return f"{name or ''}{path}" or None
    first, _, rest = path.removeprefix("[").partition("]")
    return name[int(first)] + rest if first else f"({', '.join(name)})"


def claim(true: bool, facts: str, *, subject: Any = None, looks_like: str | None = None) -> None:
    """Fail with `facts` unless `true`; for what is not a comparison of values.

    Args:
        true: whether the claim holds.
        facts: what was expected and what came, when it does not.
        subject: the value in question.
        looks_like: the id of the mistake that this failure proves.
    """
    if not true:
        raise CheckFailed(facts, subject=subject, diagnosis=looks_like)


def returned(value: Any, *names: str) -> tuple[Any, ...]:
    """The parts of what a function returned, as many as `names`.

    Write `dw, db = returned(student.mse_gradients(X, y, w, b), "dw", "db")`.
    """
    if isinstance(value, list | tuple) and len(value) == len(names):
        return tuple(value)
    came = f"{len(value)} values" if isinstance(value, list | tuple) else show.kind(value)
    hint = " (is a `return` missing?)" if value is None else ""
    raise CheckFailed(f"expected   {len(names)} values: {', '.join(names)}\ngot        {came}{hint}", subject=value)


def assert_detached(mistake: str | None = None, **values: Any) -> None:
    """Fail where one of the named tensors still requires grad."""
    for name, value in values.items():
        if isinstance(value, Tensor) and value.requires_grad:
            raise CheckFailed(
                f"expected   {name} without a history (detached)\ngot        a Tensor that requires grad, with its graph",
                subject=value,
                name=name,
                diagnosis=mistake,
            )


def assert_floats(values: Any, count: int, name: str = "losses", mistake: str | None = None) -> None:
    """Fail unless `values` is a list of `count` finite-or-not Python floats."""
    if not isinstance(values, list):
        raise CheckFailed(f"expected   a list of {count} floats\ngot        {show.kind(values)}", subject=values, name=name)
    wrong = next((value for value in values if type(value) is not float), None)
    if any(type(value) is not float for value in values):
        raise CheckFailed(
            f"expected   a list of Python floats\ngot        a list with {show.kind(wrong)} in it",
            subject=values,
            name=name,
            diagnosis=mistake if isinstance(wrong, Tensor) else None,
        )
    if len(values) != count:
        raise CheckFailed(f"expected   {count} entries\ngot        {len(values)}", subject=values, name=name)


def assert_raises(kind: type[Exception], call: Callable[[], Any], *mentions: str) -> None:
    """Fail unless `call()` makes the student's code raise `kind` with a text that contains every one of `mentions`."""
    try:
        result = call()
    except StudentError as error:
        if error.kind != kind.__name__:
            raise CheckFailed(f"expected   a {kind.__name__}\n{error.facts}", line=error.line) from error
        absent = [word for word in mentions if word not in error.text]
        if absent:
            raise CheckFailed(
                f"expected   a {kind.__name__} whose text contains {', '.join(absent)}\ngot        {error.text}", line=error.line
            ) from error
        return
    raise CheckFailed(f"expected   a {kind.__name__}\ngot        {show.value(result)}", subject=result)


def assert_converges(losses: Any, below: float, within: int) -> None:
    """Fail unless `losses` is a list of finite floats of which one of the first `within` is at most `below`."""
    if not isinstance(losses, list) or not losses or any(type(loss) is not float for loss in losses):
        raise CheckFailed(f"expected   a list of floats\ngot        {show.kind(losses)}", subject=losses)
    best = min((loss for loss in losses[:within] if loss == loss), default=float("nan"))
    if not best <= below:
        facts = f"expected   a loss of at most {below:g} within {within} steps\ngot        {best:.4g} at best"
        raise CheckFailed(f"{facts}, {losses[min(within, len(losses)) - 1]:.4g} at the end", subject=losses)


def assert_mean(draws: Tensor, mean: float, std: float, name: str = "draws") -> None:
    """Fail where the mean of independent `draws` is further from `mean` than 5 standard errors.

    Args:
        draws: any shape, independent draws of one distribution; a right answer fails once in 1.7 million runs.
        mean: of that distribution.
        std: of that distribution.
        name: what the draws are called in the message.
    """
    found = float(draws.cpu().double().mean())
    allowed = 5 * std / max(draws.numel(), 1) ** 0.5
    if not abs(found - mean) <= allowed:
        raise CheckFailed(
            f"expected   a mean of {mean:.6g} over {draws.numel()} {name}, give or take {allowed:.2g}\ngot        {found:.6g}",
            subject=draws,
            name=name,
        )


def autograd(function: Callable[..., Tensor], *inputs: Tensor) -> tuple[Tensor, ...]:
    """The gradients of the scalar `function(*inputs)` with respect to every input: the oracle for one by hand."""
    leaves = [value.detach().clone().requires_grad_(True) for value in inputs]
    return torch.autograd.grad(function(*leaves), leaves)
