"""The grader of lesson 1_1. Oracles: `F.mse_loss`, and descent with the derivatives written out in the check."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from grader import (
    Given,
    Student,
    assert_close,
    assert_detached,
    assert_differentiable,
    assert_follows_device,
    banned,
    check,
    claim,
    in_place,
    looks_like,
    returned,
    unchanged,
)

PIECES = "The model and its loss"
ORDER = "Why zero, backward, step"
LEAVES = "Leaves: the tensors whose gradient is kept"
NO_GRAD = "Why the update stands under no_grad"
REFUSAL = "element 0 of tensors does not require grad"
FLOATS = "Why losses are floats, taken before the step"
NAMES = ("w", "b", "losses")
MISTAKES = {
    "bias_missing": "the bias is missing: w * x alone gives exactly what you got.",
    "swapped_parameters": "w and b changed places: the weight multiplies x, the bias is added.",
    "sum_not_mean": "the squared errors were summed, not averaged, which makes all of it N times too large. The MSE is the mean.",
    "half": "a factor 1/2 slipped in. The MSE of this course is the plain mean of the squares, with nothing in front.",
    "absolute": "that is the mean of |y_pred − y|. Square the errors.",
    "rooted": "that is the root of the MSE. Leave the root out.",
    "not_squared": "that is the mean of y_pred − y. Without the square, errors above and below cancel.",
    "square_of_mean": "the mean was taken before the square. Square every error first, then average.",
    "not_reduced": "one squared error per sample was returned. backward() starts from one number: take the mean.",
    "history_cut": "`mse` returned a Python number, and backward() cannot start from that: a number has no history. Return the"
    " 0-dim tensor; .item() belongs where the loss is logged.",
    "delegated_mse": "`mse` leaves its work to torch's own MSE. Write it with −, ** and mean(); elsewhere F.mse_loss is fine.",
    "gradients_add_up": "what `.grad` held before the step was added to the new gradient, for backward() adds and never"
    " overwrites. Clear it before backward(): w.grad = None and b.grad = None, or optimizer.zero_grad().",
    "only_w_cleared": "w.grad was cleared and b.grad was not: what it held before was added to the new gradient. Clear both.",
    "step_before_backward": "the step used what `.grad` held from before, not the gradient of this step's loss. The order is:"
    " clear, backward(), step.",
    "nothing_moved": "w and b are just as they were. Usually only a name was moved (`w = w - …` makes a new tensor and leaves the"
    " caller's alone; write `w -= …` under no_grad), or the step met gradients that were None or zero: clear them before"
    " backward(), step after it.",
    "uphill": "the step goes up the slope: the gradient is subtracted, w −= lr·w.grad.",
    "lr_ignored": "the step is the whole gradient: it was not multiplied by `lr`.",
    "bias_forgotten": "w moved and b did not. The step is for both.",
    "late_bias": "b was moved by a gradient taken after w had moved. One backward() gives both gradients; then both move.",
    "logged_late": "the loss was taken after the step it belongs to. Compute it first, step, then return or append that number.",
    "kept_graph": "the loss itself was kept, a tensor, and not its value. Unless it is detached it keeps its whole graph alive;"
    " write loss.item().",
    "no_return": "the loss before the step is to be returned, and nothing was.",
    "switched_off": "after the step a parameter does not require grad any more, and the next backward() will fail. Write under"
    " torch.no_grad() instead of switching requires_grad off.",
    "only_last": "only the last loss was kept. Append one to a list in every epoch.",
    "from_zeros": "the descent started at zero, not at `w0` and `b0`.",
    "swapped_start": "w started at `b0` and b at `w0`.",
    "restarted": "w and b are where a single step leads, as when each epoch makes them anew, or when the loop ends in its first.",
    "one_more": "there was one step too many: range(n_epochs) counts n_epochs steps.",
    "one_less": "there was one step too few: range(n_epochs) counts n_epochs steps.",
    "one_loss_more": "there is one loss too many: the last is that of the parameters after all n_epochs steps.",
    "old_losses": "the losses of an earlier call are in the list. Make the list inside `train`.",
    "not_detached": "the parameters were returned as they were trained, requiring grad; return w.detach(), b.detach().",
    "own_dtype": "the parameters did not take the dtype of x. torch.tensor(w0) alone is float32; write x.new_tensor(w0), or pass"
    " dtype=x.dtype, device=x.device.",
    "in_place": "an argument was written into (x += …, y_pred -= …, x.mul_(…)). Compute new tensors; only `train_step` writes,"
    " and only into w and b.",
}

Batch = tuple[Tensor, Tensor, float]
Outcome = tuple[Tensor, Tensor, list[float]]


def problem(given: Given) -> Batch:
    """Data x [N], y [N] and a learning rate. A line from `start` lies above all the data, so that both slopes are steep."""
    n = given.integer(5, 12)
    x = given.uniform(0.2, 1.6, n)
    return x, 0.4 * x - given.uniform(1.0, 3.0, n), given.number(0.03, 0.2)


def start(given: Given) -> tuple[float, float]:
    """Values w0 < b0 of a line that lies above all the data of `problem`."""
    return given.number(0.6, 0.9), given.number(1.1, 1.9)


def leaves(given: Given) -> tuple[Tensor, Tensor]:
    w, b = start(given)
    return given.tensor(w).requires_grad_(), given.tensor(b).requires_grad_()


def loss_of(x: Tensor, y: Tensor, w: Tensor, b: Tensor) -> float:
    return float(((w * x + b - y) ** 2).mean().detach())


def slopes(x: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """dL/dw = 2/N · Σ e·x and dL/db = 2/N · Σ e."""
    e = w * x + b - y
    return 2 * (e * x).sum() / len(x), 2 * e.sum() / len(x)


def descent(
    w: Tensor,
    b: Tensor,
    batches: list[Batch],
    *,
    late: bool = False,
    adding_up: bool = False,
    delayed: bool = False,
    times: float = 1,
) -> Outcome:
    """w, b and the losses of one step for each batch; the options make the known mistakes.

    Args:
        w: where the weight starts.
        b: where the bias starts.
        batches: x, y and lr of each step.
        late: take each loss after its step.
        adding_up: never clear the gradients.
        delayed: use the gradient of the step before, none in the first.
        times: a factor on each gradient.
    """
    w, b = w.detach(), b.detach()
    old = (torch.zeros_like(w), torch.zeros_like(b))
    losses: list[float] = []
    for x, y, lr in batches:
        before = loss_of(x, y, w, b)
        new = slopes(x, y, w, b)
        if adding_up:
            new = (old[0] + new[0], old[1] + new[1])
        dw, db = old if delayed else new
        old = new
        w, b = w - lr * times * dw, b - lr * times * db
        losses.append(loss_of(x, y, w, b) if late else before)
    return w, b, losses


def step(w: Tensor, b: Tensor, batch: Batch, times: float = 1) -> tuple[Tensor, Tensor]:
    return descent(w, b, [batch], times=times)[:2]


def late_bias(w: Tensor, b: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    moved, _ = step(w, b, batch)
    return moved, step(moved, b.detach(), batch)[1]


def descended(student: Student, w: Tensor, b: Tensor, batch: Batch) -> Any:
    """The student's step on `w` and `b`; what it returned, which is not 0: the lines of `problem` are never met."""
    x, y, lr = batch
    with in_place(w, b):
        loss = student.train_step(w, b, x, y, lr)
    claim(not (type(loss) is float and loss == 0), "expected   the loss before the step\ngot        0", subject=loss)
    return loss


def assert_moved(w: Tensor, b: Tensor, expected: tuple[Tensor, Tensor], mistakes: Mapping[str, Any] | None = None) -> None:
    """Fail unless the leaves hold what is expected after a step."""
    assert_close((w.detach(), b.detach()), expected, mistakes, name=("w afterwards", "b afterwards"))


def assert_dtype(x: Tensor, **parameters: Any) -> None:
    """Fail where a tensor has another dtype than `x`."""
    for name, value in parameters.items():
        got = value.dtype if isinstance(value, Tensor) else x.dtype
        claim(
            got == x.dtype,
            f"expected   {name} in {x.dtype}, the dtype of x\ngot        {got}",
            subject=value,
            looks_like="own_dtype",
        )


@check("predict", points=1, read=PIECES)
def test_predicts_a_line(student: Student, given: Given) -> None:
    """The prediction is w * x + b, one number per sample"""
    x, _, _ = problem(given)
    w, b = (value.detach() for value in leaves(given))
    expected = w * x + b
    assert_close(student.predict(x, w, b), expected, looks_like(bias_missing=w * x, swapped_parameters=b * x + w), name="y_pred")


@check("predict", points=0.5, read=REFUSAL)
def test_predictions_are_differentiable(student: Student, given: Given) -> None:
    """Autograd can follow the prediction back to w and b"""
    x, _, _ = problem(given)
    w, b = leaves(given)
    assert_differentiable(student.predict, lambda x, w, b: w * x + b, given.normal(len(x)), x, w, b)


@check("mse", points=0.5, read=PIECES)
def test_mse_value(student: Student, given: Given) -> None:
    """The MSE is the plain mean of the squared errors"""
    n = given.integer(5, 12)
    y = given.normal(n)
    signs = given.tensor([1.0, -1.0, 1.0] + [-1.0] * (n - 3))  # of both kinds, or the mean of |e| is that of e
    e = given.uniform(0.3, 2.5, n) * signs
    expected = torch.nn.functional.mse_loss(y + e, y)
    mistakes = looks_like(
        sum_not_mean=expected * n,
        half=expected / 2,
        absolute=e.abs().mean(),
        rooted=expected.sqrt(),
        not_squared=e.mean(),
        square_of_mean=e.mean() ** 2,
        not_reduced=e**2,
        history_cut=float(expected),
    )
    assert_close(student.mse(y + e, y), expected, mistakes, name="loss")


@check("mse", points=0.5, read=REFUSAL)
def test_mse_is_differentiable(student: Student, given: Given) -> None:
    """Autograd can follow the loss back to the predictions"""
    n = given.integer(5, 12)
    assert_differentiable(student.mse, torch.nn.functional.mse_loss, given.normal(), given.normal(n), given.normal(n))


@check("mse", points=0.5, read=PIECES)
def test_mse_is_written_out(student: Student, given: Given) -> None:
    """The MSE is written out, not taken from torch"""
    y_pred, y = given.normal(7), given.normal(7)
    expected = ((y_pred - y) ** 2).mean()
    why = "The loss is one line, and all of training descends on it: write that line once."
    names = ("torch.nn.functional.mse_loss", "torch.nn.MSELoss")
    with banned(student, *names, functions=["mse"], why=why, mistake="delegated_mse"):
        loss = student.mse(y_pred, y)
    assert_close(loss, expected, name="loss")


@check("train_step", points=1, read=NO_GRAD)
def test_step_moves_both(student: Student, given: Given) -> None:
    """One step moves w and b, in place, against the gradient"""
    x, y, _ = batch = problem(given)
    w, b = leaves(given)
    expected = step(w, b, batch)
    mistakes = looks_like(
        nothing_moved=(w.detach().clone(), b.detach().clone()),
        uphill=step(w, b, batch, -1),
        lr_ignored=step(w, b, (x, y, 1.0)),
        bias_forgotten=(expected[0], b.detach().clone()),
        late_bias=late_bias(w, b, batch),
        sum_not_mean=step(w, b, batch, len(x)),
        half=step(w, b, batch, 0.5),
    )
    descended(student, w, b, batch)
    assert_moved(w, b, expected, mistakes)


@check("train_step", points=1, read=FLOATS)
def test_step_returns_the_loss(student: Student, given: Given) -> None:
    """The step returns the loss before it, as a float"""
    x, y, _ = batch = problem(given)
    w, b = leaves(given)
    before, after = loss_of(x, y, w, b), loss_of(x, y, *step(w, b, batch))
    loss = descended(student, w, b, batch)
    mistakes = looks_like(logged_late=after, kept_graph=x.new_tensor(before), no_return=None)
    assert_close(loss, before, mistakes, name="loss")


@check("train_step", points=1, read=ORDER)
def test_old_gradients(student: Student, given: Given) -> None:
    """What .grad holds at the start of a step does not matter"""
    batch = problem(given)
    w, b = leaves(given)
    w.grad, b.grad = given.normal(mean=2.0, std=0.1), given.normal(mean=-3.0, std=0.1)
    old_w, old_b = batch[2] * w.grad, batch[2] * b.grad
    expected = step(w, b, batch)
    mistakes = looks_like(
        gradients_add_up=(expected[0] - old_w, expected[1] - old_b),
        only_w_cleared=(expected[0], expected[1] - old_b),
        step_before_backward=(w.detach() - old_w, b.detach() - old_b),
        nothing_moved=(w.detach().clone(), b.detach().clone()),
    )
    descended(student, w, b, batch)
    assert_moved(w, b, expected, mistakes)
    batch = problem(given)
    w, b = leaves(given)
    w.grad, b.grad = torch.zeros_like(w), torch.zeros_like(b)
    expected = step(w, b, batch)
    descended(student, w, b, batch)
    assert_moved(w, b, expected)


@check("train_step", points=0.5, read=ORDER)
def test_steps_in_a_row(student: Student, given: Given) -> None:
    """Many steps in a row, each with data and a rate of its own"""
    w, b = leaves(given)
    batches = [problem(given) for _ in range(8)]
    expected = descent(w, b, batches)
    mistakes = looks_like(
        gradients_add_up=descent(w, b, batches, adding_up=True)[:2],
        step_before_backward=descent(w, b, batches, delayed=True)[:2],
        nothing_moved=(w.detach().clone(), b.detach().clone()),
        uphill=descent(w, b, batches, times=-1)[:2],
    )
    for batch in batches:
        descended(student, w, b, batch)
    assert_moved(w, b, expected[:2], mistakes)


@check("train_step", points=0.5, read=LEAVES, soundness="observation")
def test_step_keeps_leaves(student: Student, given: Given) -> None:
    """After a step w and b still require grad, and x and y are untouched"""
    x, y, _ = batch = problem(given)
    w, b = leaves(given)
    expected = step(w, b, batch)
    with unchanged("in_place", x=x, y=y):
        descended(student, w, b, batch)
    for name, parameter in {"w": w, "b": b}.items():
        facts = f"expected   {name}.requires_grad True, as before the step\ngot        {parameter.requires_grad}"
        claim(parameter.requires_grad, facts, looks_like="switched_off")
    assert_moved(w, b, expected)


@check("train", points=1, read=LEAVES)
def test_train_parameters(student: Student, given: Given) -> None:
    """Descent from w0 and b0 arrives at the right w and b"""
    x, y, lr = batch = problem(given)
    w0, b0 = start(given)
    n_epochs = given.integer(20, 30)
    w_start, b_start, batches = given.tensor(w0), given.tensor(b0), [batch] * n_epochs
    mistakes = looks_like(
        nothing_moved=(w_start, b_start),
        gradients_add_up=lambda: descent(w_start, b_start, batches, adding_up=True)[:2],
        step_before_backward=lambda: descent(w_start, b_start, batches, delayed=True)[:2],
        uphill=lambda: descent(w_start, b_start, batches, times=-1)[:2],
        sum_not_mean=lambda: descent(w_start, b_start, batches, times=len(x))[:2],
        half=lambda: descent(w_start, b_start, batches, times=0.5)[:2],
        from_zeros=lambda: descent(torch.zeros_like(w_start), torch.zeros_like(b_start), batches)[:2],
        swapped_start=lambda: descent(b_start, w_start, batches)[:2],
        restarted=lambda: step(w_start, b_start, batch),
        one_more=lambda: descent(w_start, b_start, [batch, *batches])[:2],
        one_less=lambda: descent(w_start, b_start, batches[1:])[:2],
    )
    expected = descent(w_start, b_start, batches)
    w, b, _ = returned(student.train(x, y, w0, b0, lr, n_epochs), *NAMES)
    assert_dtype(x, w=w, b=b)
    assert_close((w, b), expected[:2], mistakes, name=NAMES[:2])


@check("train", points=0.5, read=FLOATS)
def test_train_losses(student: Student, given: Given) -> None:
    """The list holds one float per epoch, the loss before its step"""
    x, y, lr = batch = problem(given)
    w0, b0 = start(given)
    n_epochs = given.integer(20, 30)
    w_start, b_start, batches = given.tensor(w0), given.tensor(b0), [batch] * n_epochs
    expected = descent(w_start, b_start, batches)[2]
    _, _, losses = returned(student.train(x, y, w0, b0, lr, n_epochs), *NAMES)
    mistakes = looks_like(
        logged_late=descent(w_start, b_start, batches, late=True)[2],
        kept_graph=[x.new_tensor(loss) for loss in expected],
        only_last=expected[-1] if type(losses) is float else expected[-1:],
        one_loss_more=descent(w_start, b_start, [batch, *batches])[2],
    )
    assert_close(losses, expected, mistakes, name="losses")


@check("train", points=0.5, read=FLOATS)
def test_train_for_one_epoch_and_none(student: Student, given: Given) -> None:
    """One epoch gives one loss, no epochs the start and an empty list"""
    w0, b0 = start(given)
    untrained = (given.tensor(w0), given.tensor(b0))
    x, y, lr = batch = problem(given)
    one, late = descent(*untrained, [batch]), descent(*untrained, [batch], late=True)
    assert_close(student.train(x, y, w0, b0, lr, 1), one, looks_like(logged_late=late), name=NAMES)
    x, y, lr = batch = problem(given)
    other = descent(*untrained, [batch])
    mistakes = looks_like(one_more=other, old_losses=(*untrained, one[2]), one_loss_more=(*untrained, other[2]))
    assert_close(student.train(x, y, w0, b0, lr, 0), (*untrained, []), mistakes, name=NAMES)


@check("train", points=0.5, read=LEAVES, soundness="observation")
def test_train_is_pure(student: Student, given: Given) -> None:
    """No argument is written into, and w and b come back detached"""
    x, y, lr = batch = problem(given)
    w0, b0 = start(given)
    w_start, b_start = given.tensor(w0), given.tensor(b0)
    expected, stepped = w_start * x + b_start, step(w_start, b_start, batch)
    with unchanged("in_place", x=x, w=w_start, b=b_start):
        y_pred = student.predict(x, w_start, b_start)
    assert_close(y_pred, expected, name="y_pred")
    with unchanged("in_place", y_pred=x, y=y):
        student.mse(x, y)
    with unchanged("in_place", x=x, y=y):
        w, b, _ = returned(student.train(x, y, w0, b0, lr, 1), *NAMES)
    assert_detached("not_detached", w=w, b=b)
    assert_close((w, b), stepped, name=NAMES[:2])


@check("train", points=0.5, read=LEAVES)
def test_dtype_and_device(student: Student, given: Given) -> None:
    """The functions compute where their inputs are, in their dtype"""
    x, y, lr = problem(given)
    w0, b0 = start(given)
    single_x, single_y = x.float(), y.float()
    w_start, b_start = single_x.new_tensor(w0), single_x.new_tensor(b0)
    y_pred = w_start * single_x + b_start
    loss = ((y_pred - single_y) ** 2).mean()
    stepped = step(w_start, b_start, (single_x, single_y, lr))
    assert_close(student.predict(single_x, w_start, b_start), y_pred, name="y_pred")
    assert_close(student.mse(y_pred, single_y), loss, name="loss")
    w, b, _ = returned(student.train(single_x, single_y, w0, b0, lr, 1), *NAMES)
    assert_dtype(single_x, w=w, b=b)
    assert_close((w, b), stepped, name=NAMES[:2])
    assert_follows_device(student.predict, x, *(value.detach() for value in leaves(given)))
    assert_follows_device(student.mse, x, y)
    assert_follows_device(student.train, x, y, w0, b0, lr, 0)
