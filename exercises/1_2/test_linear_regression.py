"""The grader of lesson 1_2. Oracles: autograd in float64, and descent written out in the check."""

from collections.abc import Callable

import torch
from torch import Tensor

from grader import (
    AUTOGRAD,
    Given,
    Student,
    assert_close,
    assert_detached,
    assert_differentiable,
    assert_floats,
    assert_follows_device,
    autograd,
    banned,
    check,
    claim,
    looks_like,
    returned,
    unchanged,
)

BY_HAND = ["predict", "mse_gradients", "gradient_descent_step", "fit"]
NAMES = ("w", "b", "losses")
DERIVING = "In-depth explanation"
MISTAKES = {
    "no_factor_2": "the factor 2 of d(e²)/de is missing: 1/N instead of 2/N gives exactly what you got.",
    "sum_not_mean": "the sum over the samples was not divided by N: the MSE is a mean, its gradient carries 2/N.",
    "by_all_entries": "the sum was divided by N·D, all entries of X. The MSE is a mean over the N samples.",
    "by_features": "the sum was divided by D, the number of features. The MSE is a mean over the N samples.",
    "wrong_sign": "the error has the wrong sign: it is y_pred − y, and y − y_pred turns the gradient around.",
    "db_times_x": "`db` was multiplied by x. The bias enters the prediction with the factor 1, so `db` is 2/N · sum(error).",
    "not_summed": "one gradient per sample was kept. A weight takes part in every prediction: sum over the N samples.",
    "late_bias": "`b` was updated from an error that already contains the new `w`. Compute both gradients first, then step.",
    "uphill": "the step goes up the slope. The gradient is subtracted, w − lr·dw, and its error is y_pred − y.",
    "n_by_n": "predictions [N,1] minus targets [N] broadcast to [N,N], every prediction against every target. Both must be [N].",
    "column": "the predictions are a column [N,1]. Targets are [N], and [N,1] − [N] is [N,N]: X @ w with w [D] is [N].",
    "bias_not_moved": "the bias never moved from 0: `predict` leaves it out, or the optimizer was not given it, SGD([w, b], …).",
    "bias_missing": "the bias is missing: X @ w alone gives exactly what you got.",
    "logged_late": "each loss was taken after the step it belongs to. Log it first, then step.",
    "gradients_add_up": "earlier gradients were never cleared: backward() adds to `.grad`. Call optimizer.zero_grad().",
    "kept_graph": "the loss itself was kept, not its value. It carries its whole graph; write loss.item().",
    "loss_summed": "the parameters are right, but each logged loss is the sum of the squared errors. The MSE is their mean.",
    "loss_rooted": "the parameters are right, but each logged loss is the root of the MSE.",
    "loss_halved": "the parameters are right, but each logged loss is half the MSE.",
    "lost_samples": "one sample alone lost its dimension. X [1,D] gives predictions [1]: no squeeze() without a dimension.",
    "not_detached": "the parameters were returned with their history; return w.detach(), b.detach().",
    "in_place": "a tensor that was passed in was written to. Return new ones, such as w − lr·dw; the caller still needs the old.",
    "autograd_by_hand": "the gradient was left to autograd. Here you derive it yourself; autograd comes in fit_with_autograd.",
}


def problem(given: Given) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """X [N,D], y [N], w [D], b [] with N ≠ D and targets far from the predictions."""
    n, d = given.sizes(2, low=4, high=11)
    return given.normal(n, d, mean=0.3), given.normal(n, mean=0.7), given.normal(d), given.normal(mean=-0.5)


def regression(given: Given) -> tuple[Tensor, Tensor]:
    """X [N,D] and y [N] on a noisy plane that is neither through the origin nor symmetric."""
    n, d = 17, given.integer(3, 6)
    X = given.uniform(-1.0, 1.3, n, d)
    return X, X @ given.normal(d) + given.number(0.5, 2.0) + 0.1 * given.normal(n)


def mse(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return ((X @ w + b - y) ** 2).mean()


def gradients(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    dw, db = autograd(lambda w, b: mse(X, y, w, b), w, b)
    return dw, db


Step = Callable[[Tensor, Tensor, Tensor, Tensor, float], tuple[Tensor, Tensor]]


def arithmetic(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The same gradients by the formula, ten times faster than autograd, for the trajectories."""
    error = X @ w + b - y
    return 2 / len(y) * X.T @ error, 2 * error.mean()


def step(
    X: Tensor, y: Tensor, w: Tensor, b: Tensor, lr: float, dw_times: float = 1.0, db_times: float = 1.0
) -> tuple[Tensor, Tensor]:
    """One step of descent; the factors make the known mistakes."""
    dw, db = arithmetic(X, y, w, b)
    return w - lr * dw_times * dw, b - lr * db_times * db


def late_bias(X: Tensor, y: Tensor, w: Tensor, b: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    w_new, _ = step(X, y, w, b, lr)
    return w_new, step(X, y, w_new, b, lr)[1]


def descent(
    X: Tensor, y: Tensor, lr: float, n_epochs: int, step: Step = step, late: bool = False
) -> tuple[Tensor, Tensor, list[float]]:
    """The trajectory from zeros: w, b and the losses before each step, or after it where `late`."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(())
    losses: list[float] = []
    for _ in range(n_epochs):
        before = float(mse(X, y, w, b))
        w, b = step(X, y, w, b, lr)
        losses.append(float(mse(X, y, w, b)) if late else before)
    return w, b, losses


def descent_adding_up(X: Tensor, y: Tensor, lr: float, n_epochs: int) -> tuple[Tensor, Tensor, list[float]]:
    """Descent whose gradients are never cleared."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(())
    sum_w, sum_b, losses = torch.zeros_like(w), torch.zeros_like(b), []
    for _ in range(n_epochs):
        losses.append(float(mse(X, y, w, b)))
        dw, db = arithmetic(X, y, w, b)
        sum_w, sum_b = sum_w + dw, sum_b + db
        w, b = w - lr * sum_w, b - lr * sum_b
    return w, b, losses


Fitted = tuple[Tensor, Tensor, list[float]]


def with_losses(fitted: Fitted, change: Callable[[float], float]) -> Fitted:
    """The same parameters with other losses."""
    w, b, losses = fitted
    return w, b, [change(loss) for loss in losses]


def has_moved(new: object, old: Tensor) -> bool:
    """Whether `new` is a tensor with numbers that are neither the old ones nor zeros."""
    return isinstance(new, Tensor) and not new.is_meta and bool(new.any()) and not torch.equal(new, old)


def scaled(times: float) -> Step:
    return lambda X, y, w, b, lr: step(X, y, w, b, lr, times, times)


@check("predict", points=1, read="Mathematical foundations")
def test_predictions(student: Student, given: Given) -> None:
    """The prediction is X @ w + b, one number per sample"""
    X, _, w, b = problem(given)
    assert_close(student.predict(X, w, b), X @ w + b, looks_like(bias_missing=X @ w, column=(X @ w + b)[:, None]), name="y_pred")
    one_feature, one_sample = given.normal(5, 1), X[:1]
    assert_close(student.predict(one_feature, w[:1], b), one_feature[:, 0] * w[0] + b, name="y_pred")
    expected = one_sample @ w + b
    assert_close(student.predict(one_sample, w, b), expected, looks_like(lost_samples=expected[0]), name="y_pred")


@check("predict", points=0.5, read="Mathematical foundations")
def test_predictions_are_differentiable(student: Student, given: Given) -> None:
    """Autograd can follow the prediction back to w and b"""
    X, y, w, b = problem(given)
    assert_differentiable(student.predict, lambda X, w, b: X @ w + b, given.normal(len(y)), X, w, b)


@check("mse_gradients", points=1.5, read=DERIVING)
def test_gradient_of_w(student: Student, given: Given) -> None:
    """The gradient of the MSE with respect to w"""
    X, y, w, b = problem(given)
    dw, _ = returned(student.mse_gradients(X, y, w, b), "dw", "db")
    expected, _ = gradients(X, y, w, b)
    error = X @ w + b - y
    by_sample = 2 / len(y) * X * error[:, None]
    mistakes = looks_like(
        no_factor_2=expected / 2,
        sum_not_mean=expected * len(y),
        wrong_sign=-expected,
        not_summed=by_sample,
        n_by_n=2 / len(y) ** 2 * X.T @ ((X @ w + b)[:, None] - y).sum(1),
        bias_missing=2 / len(y) * X.T @ (error - b),
        by_all_entries=expected / X.shape[1],
        by_features=expected * len(y) / X.shape[1],
    )
    assert_close(dw, expected, mistakes, name="dw")


@check("mse_gradients", points=1.5, read=DERIVING)
def test_gradient_of_b(student: Student, given: Given) -> None:
    """The gradient of the MSE with respect to b"""
    X, y, w, b = problem(given)
    _, db = returned(student.mse_gradients(X, y, w, b), "dw", "db")
    _, expected = gradients(X, y, w, b)
    error = X @ w + b - y
    by_x = 2 / len(y) * X * error[:, None]
    mistakes = looks_like(
        no_factor_2=expected / 2,
        sum_not_mean=expected * len(y),
        wrong_sign=-expected,
        n_by_n=2 / len(y) * ((X @ w + b)[:, None] - y).sum(),
        not_summed=2 / len(y) * error,
        bias_missing=expected - 2 * b,
        by_all_entries=expected / X.shape[1],
        by_features=expected * len(y) / X.shape[1],
        db_times_x=by_x.sum() if getattr(db, "ndim", 0) == 0 else by_x.sum(0),
    )
    assert_close(db, expected, mistakes, name="db")


@check("gradient_descent_step", points=1, read="In-depth explanation")
def test_step(student: Student, given: Given) -> None:
    """One step moves w and b against the gradient"""
    X, y, w, b = problem(given)
    lr = given.number(0.03, 0.3)
    dw, db = gradients(X, y, w, b)
    expected = w - lr * dw, b - lr * db
    mistakes = looks_like(
        uphill=step(X, y, w, b, -lr),
        late_bias=late_bias(X, y, w, b, lr),
        no_factor_2=step(X, y, w, b, lr / 2),
        sum_not_mean=step(X, y, w, b, lr * len(y)),
    )
    assert_close(returned(student.gradient_descent_step(X, y, w, b, lr), "w", "b"), expected, mistakes, name=("w", "b"))


@check("gradient_descent_step", points=0.5, soundness="observation")
def test_step_is_pure(student: Student, given: Given) -> None:
    """The functions return new tensors and leave their arguments alone"""
    X, y, w, b = problem(given)
    with unchanged("in_place", X=X, y=y, w=w, b=b):
        student.predict(X, w, b)
        student.mse_gradients(X, y, w, b)
        w_new, b_new = returned(student.gradient_descent_step(X, y, w, b, 0.1), "w", "b")
        student.fit(X, y, 0.1, 2)
    claim(has_moved(w_new, w), "expected   a new w, other than the old one and 0\ngot        none", subject=w_new)
    claim(has_moved(b_new, b), "expected   a new b, other than the old one and 0\ngot        none", subject=b_new)


@check("fit", points=1.5, read="In-depth explanation")
def test_fit(student: Student, given: Given) -> None:
    """Descent from zeros: parameters and losses, step for step"""
    X, y = regression(given)
    lr, n_epochs = given.number(0.05, 0.2), 12
    w, b, losses = returned(student.fit(X, y, lr, n_epochs), *NAMES)
    assert_floats(losses, n_epochs, mistake="kept_graph")
    expected = descent(X, y, lr, n_epochs)
    mistakes = looks_like(
        loss_summed=with_losses(expected, lambda loss: loss * len(y)),
        loss_rooted=with_losses(expected, lambda loss: loss**0.5),
        loss_halved=with_losses(expected, lambda loss: loss / 2),
        logged_late=lambda: descent(X, y, lr, n_epochs, late=True),
        late_bias=lambda: descent(X, y, lr, n_epochs, late_bias),
        no_factor_2=lambda: descent(X, y, lr, n_epochs, scaled(0.5)),
        sum_not_mean=lambda: descent(X, y, lr, n_epochs, scaled(len(y))),
        uphill=lambda: descent(X, y, lr, n_epochs, scaled(-1)),
    )
    assert_close((w, b, losses), expected, mistakes, name=NAMES)


@check("fit", points=0.5)
def test_fit_without_epochs(student: Student, given: Given) -> None:
    """No epochs give zeros and an empty list, one epoch one loss"""
    X, y = regression(given)
    assert_close(student.fit(X, y, 0.1, 0), descent(X, y, 0.1, 0), name=NAMES)
    assert_close(student.fit(X, y, 0.1, 1), descent(X, y, 0.1, 1), name=NAMES)


@check("fit", points=0.5, read="In-depth explanation")
def test_by_hand(student: Student, given: Given) -> None:
    """The gradients are written by hand, without autograd"""
    X, y, w, b = problem(given)
    why = "Deriving the gradient is this lesson's point: once you have done it, autograd is no magic any more."
    with banned(student, *AUTOGRAD, "torch.optim", functions=BY_HAND, why=why, mistake="autograd_by_hand"):
        student.mse_gradients(X, y, w, b)
        fitted = student.fit(X, y, 0.1, 2)
    assert_close(fitted, descent(X, y, 0.1, 2), name=NAMES)


@check("fit_with_autograd", points=1, read="In-depth explanation")
def test_fit_with_autograd(student: Student, given: Given) -> None:
    """Autograd and SGD follow the descent by hand step for step"""
    X, y = regression(given)
    lr, n_epochs = given.number(0.05, 0.2), 12
    with unchanged("in_place", X=X, y=y):
        w, b, losses = returned(student.fit_with_autograd(X, y, lr, n_epochs), *NAMES)
    assert_floats(losses, n_epochs, mistake="kept_graph")
    assert_detached("not_detached", w=w, b=b)
    expected = descent(X, y, lr, n_epochs)
    mistakes = looks_like(
        loss_summed=with_losses(expected, lambda loss: loss * len(y)),
        loss_rooted=with_losses(expected, lambda loss: loss**0.5),
        bias_not_moved=lambda: descent(X, y, lr, n_epochs, lambda X, y, w, b, lr: step(X, y, w, b, lr, db_times=0.0)),
        gradients_add_up=lambda: descent_adding_up(X, y, lr, n_epochs),
        logged_late=lambda: descent(X, y, lr, n_epochs, late=True),
        sum_not_mean=lambda: descent(X, y, lr, n_epochs, scaled(len(y))),
    )
    assert_close((w, b, losses), expected, mistakes, name=NAMES)
    assert_close(student.fit_with_autograd(X, y, lr, 0), descent(X, y, lr, 0), name=NAMES)


@check("predict", points=0.5, read="Mathematical foundations")
def test_device_and_dtype(student: Student, given: Given) -> None:
    """The functions compute where their inputs are, in their dtype"""
    X, y, w, b = problem(given)
    single = [value.float() for value in (X, y, w, b)]
    expected = gradients(*single)
    assert_close(returned(student.mse_gradients(*single), "dw", "db"), expected, name=("dw", "db"))
    assert_follows_device(student.predict, X, w, b)
    assert_follows_device(student.mse_gradients, X, y, w, b)
    assert_follows_device(student.gradient_descent_step, X, y, w, b, 0.1)
