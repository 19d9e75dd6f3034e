"""The grader of lesson 1_6. Oracles: `torch.linalg.lstsq` with the SVD's driver, and descent written out in the check."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from grader import (
    Given,
    Student,
    StudentError,
    assert_answers,
    assert_close,
    assert_detached,
    assert_floats,
    check,
    claim,
    looks_like,
    returned,
    unchanged,
)

NAMES = ("w", "b", "losses")
TRAINING = "The loop, put together"
MISTAKES = {
    "bias_missing": "the bias was left out: give X a column of ones, and the last weight that you solve for is the bias.",
    "bias_first": "the column of ones stands last, so the bias is the last entry of the solution. It was taken from the front.",
    "bias_last": "the column of ones stands first, so the bias is the first entry of the solution. It was taken from the end.",
    "bias_afterwards": "the weights were found without a bias, which was fitted to what they left. Solve for both at once.",
    "bias_is_mean": "the bias is not the mean of y: with centred features it is mean(y) − mean(X) · w.",
    "column_kept": "`y` was made a column [N,1] for the solver; the solution is a column too. Flatten it: w is [D], b is [].",
    "dependent": "with independent features your answer is right. Dependent ones take a solver that bears them, such as pinv.",
    "changed_data": "the data were written to. They are the caller's: `y = y - m` makes a new tensor, `y -= m` does not.",
    "swapped": "the two arguments are the wrong way round: `total` measures how far the targets `y` are from their own mean.",
    "unexplained_share": "this is the share that is *not* explained, SS_res / SS_tot. R² is 1 minus that.",
    "explained_share": "the variation of the predictions was divided by that of y. R² looks at the errors: 1 − SS_res / SS_tot.",
    "correlation": "this is the squared correlation. It forgives a wrong scale and offset of the predictions; R² does not.",
    "offset_forgiven": "the errors were centred, as by .var(). A constant offset is an error too: sum the plain squares.",
    "n_minus_1": "a mean over N was divided by a .var() over N − 1. Divide a sum by a sum, or a mean by a mean.",
    "y_not_centred": "SS_tot was taken around zero. It is the sum of (y − mean(y))².",
    "not_a_float": "the number is right, but it is a tensor. End with .item() or float(…).",
    "clamped": "a negative R² was cut off at 0. It may be negative: these predictions are worse than the mean of y.",
    "no_factor_2": "the factor 2 of d(e²)/de is missing from the gradient: 1/|B| instead of 2/|B| gives exactly what you got.",
    "sum_not_mean": "the gradient was summed over the batch and not divided by its size.",
    "uphill": "the step goes up the slope. The gradient is subtracted, w − lr·dw, and its error is y_pred − y.",
    "late_bias": "`b` was updated from an error that already contains the new `w`. Compute both gradients first, then step.",
    "bias_untrained": "the bias stayed 0 and only the weights were trained.",
    "logged_late": "each batch's loss was taken after the update it belongs to. Log it first, then step.",
    "not_detached": "the parameters were returned with their history; return w.detach(), b.detach().",
    "kept_graph": "the list holds tensors. Append loss.item(), a plain float.",
    "global_generator": "the shuffle came from torch's global generator. Pass yours on: torch.randperm(n, generator=generator).",
    "reseeded": "the shuffle started from the generator's seed again. Use the generator as it comes, in the state it is in.",
    "generator_copied": "a second call shuffled as the first one did. Draw from the generator itself, not from a copy of it.",
    "generator_drawn": "with batch_size=None nothing is shuffled, so nothing may be drawn from the generator.",
    "not_shuffled": "the samples were taken in their own order. Every epoch starts with a new torch.randperm.",
    "one_permutation": "all epochs used the same permutation. Draw a new one inside the loop over the epochs.",
    "torn_pairs": "X and y were shuffled separately and no longer belong together. Index both with one permutation.",
    "with_replacement": "the samples were drawn with replacement: some came twice, others never. An epoch is a permutation.",
    "tail_dropped": "the last, smaller batch was left out. It is a batch as well.",
    "batch_size_ignored": "each epoch made one update with all samples, as if batch_size were None.",
    "one_batch_only": "each epoch used its first batch only. It goes through all of them.",
    "divided_by_n": "the gradient of a batch was divided by N, the size of the data. Divide by the size of the batch.",
    "divided_by_batch_size": "the last batch is smaller than batch_size. Divide its gradient by the samples that are in it.",
    "mean_of_means": "the batches' means were averaged as equals. The last batch is smaller: weigh each mean by its samples.",
    "last_loss_only": "the loss of the epoch's last batch stands for the epoch. Average over all samples.",
    "losses_added": "the batches' mean losses were added up. The epoch's loss is the mean over its samples.",
    "loss_per_update": "there is one loss per update. Log one per epoch: the mean over its samples.",
    "not_from_zeros": "without an epoch, w and b are what descent starts from. It starts from zeros.",
    "loss_at_start": "each loss was computed once, on all data, before the epoch. Take each batch's loss just before its update.",
    "loss_at_end": "each loss was computed once, on all data, after the epoch. Take each batch's loss just before its update.",
    "strict": "a loss equal to the target has reached it: <=, not <.",
    "from_one": "the steps are counted from 0, as the list's indices are.",
    "one_early": "this is the last step before the target was reached.",
    "smallest_loss": "this is where the loss is smallest. Asked is the first loss that is small enough.",
    "last_below": "this is the last loss that is small enough. Asked is the first.",
    "zero_is_none": "step 0 counts: 0 is a step but false in an `if`. Compare with `is None`.",
    "never": "no loss came down to the target, so there is no step to name: return None. A number would be taken for one.",
}


# --- the normal equation


def with_ones(X: Tensor) -> Tensor:
    return torch.cat([X, X.new_ones(len(X), 1)], dim=1)


def least_squares(A: Tensor, y: Tensor) -> Tensor:
    """The shortest minimiser of |A θ − y|, whatever the rank of A."""
    solved = torch.linalg.lstsq(A.cpu(), y.cpu()[:, None], driver="gelsd")
    return solved.solution[:, 0].to(y.device)


def minimiser(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    theta = least_squares(with_ones(X), y)
    return theta[:-1], theta[-1]


def plane(given: Given, n: int, d: int) -> tuple[Tensor, Tensor]:
    """X [N,D] with independent columns, none of mean zero, and y [N] around a plane far from the origin."""
    X = given.normal(n, d, mean=0.6)
    return X, X @ given.uniform(0.4, 1.4, d) + given.number(1.0, 3.0) + 0.4 * given.normal(n)


def without_bias(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return least_squares(X, y), y.new_zeros(())


def bias_afterwards(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    w = least_squares(X, y)
    return w, (y - X @ w).mean()


# Three kinds of dependent columns, chosen so that what is right in principle is right here for certain.
# `A.T @ A` is singular to the last bit (powers of two at every pivot): `solve` raises, whether its fallback is `pinv` or none
# is there. And no smaller set of columns is dependent: torch's `lstsq` with its default driver, which reads uninitialised
# memory for the order of its columns (https://github.com/pytorch/pytorch/issues/187411), finds the rank in any order.


def constant_feature(given: Given) -> tuple[Tensor, Tensor]:
    """One feature, the same in every sample: it competes with the bias."""
    return given.tensor([[2.0 ** given.integer(1, 4)]] * 16), given.normal(16, mean=2.0)  # type: ignore[list-item]


def either_or(given: Given) -> tuple[Tensor, Tensor]:
    """Two features of which exactly one is on: their sum, weighted, is constant, as the bias is."""
    on = (given.permutation(8) % 2).to(given.device, given.dtype)
    return torch.stack([4 * on, 2 - 2 * on], dim=1), given.normal(8, mean=2.0)


def more_weights_than_samples(given: Given) -> tuple[Tensor, Tensor]:
    """Two samples with three features: the best fit goes through both."""
    u, v = (given.integer(4, 13) / 16 for _ in range(2))
    return given.tensor([[2, 2 + u, 4 - v], [-2, 2 - u, 4 + v]]), given.normal(2, mean=2.0)  # type: ignore[list-item]


@check("normal_equation", points=1, read="Mathematical foundations")
def test_unique_solution(student: Student, given: Given) -> None:
    """With independent features the one best w and b are found"""
    X, y = plane(given, 17, given.integer(2, 5))
    w, b = minimiser(X, y)
    mistakes = looks_like(
        bias_missing=without_bias(X, y),
        bias_first=(torch.cat([w[1:], b[None]]), w[0]),
        bias_last=(torch.cat([b[None], w[:-1]]), w[-1]),
        bias_afterwards=bias_afterwards(X, y),
        bias_is_mean=(w, y.mean()),
        column_kept=(w[:, None], b[None]),
    )
    got = returned(student.normal_equation(X.clone(), y.clone()), "w", "b")
    assert_close(got, (w, b), mistakes, name=("w", "b"))


@check("normal_equation", points=1, read="What the solvers do then")
def test_dependent_features(student: Student, given: Given) -> None:
    """Features that depend on each other get a best fit or are refused"""
    X, y = plane(given, 17, 3)
    assert_close(returned(student.normal_equation(X.clone(), y.clone()), "w", "b"), minimiser(X, y), name=("w", "b"))
    cases = {
        "a constant feature": constant_feature(given),
        "either-or features": either_or(given),
        "more weights than samples": more_weights_than_samples(given),
    }
    for case, (X, y) in cases.items():
        best = minimiser(X, y)
        expected = X @ best[0] + best[1]
        try:
            w, b = returned(student.normal_equation(X.clone(), y.clone()), "w", "b")
        except StudentError as error:
            if "LinAlgError" in error.kind and "singular" in error.text:
                continue  # `solve` is allowed, and says honestly that there is no one solution
            raise
        # Any minimiser is right: of w and b themselves only kind, shape and finiteness count.
        assert_close((w, b), best, name=("w", "b"), tolerance=math.inf)
        # The predictions are unique. Over 300 seeds those of 16 right solvers, with the ones first, last or centred away, differ
        # by 7e-15 at most, those of a fallback on a jitter of 1e-10 by 1e-11; those of a ridge of 1e-6 by 1e-8 and more.
        y_pred = X @ w + b
        assert_close(y_pred, expected, looks_like(dependent=y_pred), name=f"X @ w + b, with {case}", tolerance=1e-9)


@check("normal_equation", points=0.5, soundness="observation")
def test_solving_is_pure(student: Student, given: Given) -> None:
    """Solving leaves X and y alone and answers in their dtype"""
    X, y = plane(given, 19, 3)
    expected = minimiser(X, y)
    with unchanged("changed_data", X=X, y=y):
        got = returned(student.normal_equation(X, y), "w", "b")
    assert_close(got, expected, name=("w", "b"))
    single = X.float(), y.float()
    assert_close(returned(student.normal_equation(*single), "w", "b"), minimiser(*single), name=("w", "b"))


# --- R²


def scored(given: Given, r2: float) -> tuple[Tensor, Tensor]:
    """Targets [N] and predictions [N] with that R², whose residuals have no mean of zero."""
    n = given.integer(9, 15)
    y, residuals = given.normal(n, mean=2.0, std=1.5), given.normal(n, mean=0.7)
    return y, y + residuals * ((1 - r2) * squares(y - y.mean()) / squares(residuals)) ** 0.5


def squares(values: Tensor) -> float:
    return float((values**2).sum())


def r2_of(y: Tensor, y_pred: Tensor) -> float:
    return 1 - squares(y - y_pred) / squares(y - y.mean())


def r2_mistakes(y: Tensor, y_pred: Tensor) -> dict[str, float | Tensor]:
    error, spread = y - y_pred, y - y.mean()
    return {
        "swapped": r2_of(y_pred, y),
        "unexplained_share": squares(error) / squares(spread),
        "explained_share": squares(y_pred - y.mean()) / squares(spread),
        "correlation": float(torch.corrcoef(torch.stack([y, y_pred]))[0, 1] ** 2),
        "offset_forgiven": float(1 - error.var() / y.var()),
        "n_minus_1": float(1 - (error**2).mean() / y.var()),
        "y_not_centred": 1 - squares(error) / squares(y),
        "not_a_float": y.new_tensor(r2_of(y, y_pred)),
    }


@check("r_squared", points=1, read="Mathematical foundations")
def test_r_squared(student: Student, given: Given) -> None:
    """R² compares the squared errors with those of predicting the mean"""
    y, y_pred = scored(given, given.number(0.55, 0.85))
    expected, mistakes = r2_of(y, y_pred), looks_like(**r2_mistakes(y, y_pred))
    assert_close(student.r_squared(y, y_pred), expected, mistakes, name="R²")


@check("r_squared", points=0.5, read="Mathematical foundations")
def test_r_squared_below_zero(student: Student, given: Given) -> None:
    """Predictions worse than the mean have a negative R²"""
    for r2 in (given.number(0.55, 0.85), given.number(-3.0, -1.0)):
        y, y_pred = scored(given, r2)
        expected = r2_of(y, y_pred)
        mistakes = looks_like(**r2_mistakes(y, y_pred), clamped=max(expected, 0.0))
        assert_close(student.r_squared(y, y_pred), expected, mistakes, name="R²")


@check("r_squared", points=0.5, soundness="observation")
def test_scoring_is_pure(student: Student, given: Given) -> None:
    """R² leaves y and y_pred alone and takes any float dtype"""
    y, y_pred = scored(given, given.number(0.55, 0.85))
    expected = r2_of(y, y_pred)
    with unchanged("changed_data", y=y, y_pred=y_pred):
        got = student.r_squared(y, y_pred)
    assert_close(got, expected, name="R²")
    # float32 inputs, Python float: over 200 seeds right answers differ by 4e-7 at most, N − 1 for N by 1e-2 and more.
    assert_close(student.r_squared(y.float(), y_pred.float()), expected, name="R²", tolerance=3e-5)


# --- descent with batches


class Epoch(NamedTuple):
    """The losses of one epoch: of every batch, before and after its update, and of all data at its start and end."""

    sizes: list[int]
    before: list[float]
    after: list[float]
    start: float
    end: float


class Habit(NamedTuple):
    """What a loop does with a batch; the defaults are right, the others make the known mistakes."""

    factor: Callable[[int], float] = lambda size: 2 / size  # what the gradient's sum over the batch is multiplied by
    bias_factor: float = 1.0
    late_bias: bool = False
    log: Callable[[Epoch], float] = lambda epoch: over_samples(epoch.sizes, epoch.before)


def over_samples(sizes: list[int], losses: list[float]) -> float:
    return sum(size * loss for size, loss in zip(sizes, losses, strict=True)) / sum(sizes)


def mse(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> float:
    return float(((X @ w + b - y) ** 2).mean())


Plan = list[list[Tensor]]  # of every epoch, of every batch: the rows [B], or the rows of X and those of y [2,B]
Fitted = tuple[Tensor, Tensor, list[float]]
RIGHT = Habit()


def batches(n: int, batch_size: int, n_epochs: int, generator: torch.Generator) -> Plan:
    return [list(torch.randperm(n, generator=generator).split(batch_size)) for _ in range(n_epochs)]


def descent(X: Tensor, y: Tensor, lr: float, plan: Plan, habit: Habit = RIGHT) -> Fitted:
    """The parameters and the losses of descent from zeros over the batches of `plan`."""
    w, b, losses = X.new_zeros(X.shape[1]), X.new_zeros(()), list[float]()
    for epoch in plan:
        sizes, before, after, start = [], [], [], mse(X, y, w, b)
        for rows in epoch:
            rows_X, rows_y = (rows[0], rows[1]) if rows.ndim == 2 else (rows, rows)
            Xb, yb, step = X[rows_X], y[rows_y], lr * habit.factor(rows.shape[-1])
            sizes.append(rows.shape[-1])
            before.append(mse(Xb, yb, w, b))
            error = Xb @ w + b - yb
            w = w - step * (Xb.T @ error)
            b = b - step * habit.bias_factor * ((Xb @ w + b - yb) if habit.late_bias else error).sum()
            after.append(mse(Xb, yb, w, b))
        losses.append(habit.log(Epoch(sizes, before, after, start, mse(X, y, w, b))))
    return w, b, losses


def in_order(n: int, n_epochs: int) -> Plan:
    return [[torch.arange(n)]] * n_epochs


def twin(generator: torch.Generator) -> torch.Generator:
    """A generator that will draw what `generator` will."""
    same = torch.Generator()
    same.set_state(generator.get_state())
    return same


def used(given: Given) -> torch.Generator:
    """A generator from which numbers have been drawn before."""
    generator = given.generator()
    torch.randperm(given.integer(3, 9), generator=generator)
    return generator


def torn(n: int, batch_size: int, n_epochs: int, generator: torch.Generator) -> Plan:
    pairs = [torch.stack([torch.randperm(n, generator=generator) for _ in range(2)]) for _ in range(n_epochs)]
    return [list(pair.split(batch_size, dim=1)) for pair in pairs]


def drawn_with_replacement(n: int, batch_size: int, n_epochs: int, generator: torch.Generator) -> Plan:
    return [list(torch.randint(n, (n,), generator=generator).split(batch_size)) for _ in range(n_epochs)]


AFTER = Habit(log=lambda epoch: over_samples(epoch.sizes, epoch.after))


@check("fit", points=1, read=TRAINING)
def test_full_batch(student: Student, given: Given) -> None:
    """batch_size=None: one update per epoch with all samples"""
    n, n_epochs, lr = 17, 20, given.number(0.03, 0.08)
    X, y = plane(given, n, given.integer(2, 5))
    plan = in_order(n, n_epochs)
    w, b, losses = returned(student.fit(X.clone(), y.clone(), lr, n_epochs, None, given.generator()), *NAMES)
    assert_floats(losses, n_epochs, mistake="kept_graph")
    assert_detached("not_detached", w=w, b=b)
    mistakes = looks_like(
        no_factor_2=lambda: descent(X, y, lr / 2, plan),
        sum_not_mean=lambda: descent(X, y, lr * n, plan),
        uphill=lambda: descent(X, y, -lr, plan),
        late_bias=lambda: descent(X, y, lr, plan, Habit(late_bias=True)),
        bias_untrained=lambda: descent(X, y, lr, plan, Habit(bias_factor=0.0)),
        logged_late=lambda: descent(X, y, lr, plan, AFTER),
    )
    assert_close((w, b, losses), descent(X, y, lr, plan), mistakes, name=NAMES)


@check("fit", points=1, read=TRAINING)
def test_batches(student: Student, given: Given) -> None:
    """Batches: a new permutation per epoch, an uneven last batch"""
    size, n_epochs, lr = given.integer(5, 7), 4, given.number(0.03, 0.08)
    n = size * given.integer(2, 4) + given.integer(2, size)
    X, y = plane(given, n, given.integer(2, 5))
    generator = used(given)
    begin, seed = twin(generator), generator.initial_seed()
    replay = twin(begin)
    plan = batches(n, size, n_epochs, replay)

    def of(plan: Plan, habit: Habit = RIGHT) -> Callable[[], Fitted]:
        return lambda: descent(X, y, lr, plan, habit)

    mistakes = looks_like(
        global_generator=of(batches(n, size, n_epochs, given.global_generator())),
        reseeded=of(batches(n, size, n_epochs, torch.Generator().manual_seed(seed))),
        one_permutation=of(batches(n, size, 1, twin(begin)) * n_epochs),
        not_shuffled=of([list(torch.arange(n).split(size))] * n_epochs),
        torn_pairs=of(torn(n, size, n_epochs, twin(begin))),
        with_replacement=of(drawn_with_replacement(n, size, n_epochs, twin(begin))),
        tail_dropped=of([[rows for rows in epoch if len(rows) == size] for epoch in plan]),
        batch_size_ignored=of(in_order(n, n_epochs)),
        one_batch_only=of([epoch[:1] for epoch in plan]),
        no_factor_2=of(plan, Habit(lambda size: 1 / size)),
        sum_not_mean=of(plan, Habit(lambda _: 2)),
        divided_by_n=of(plan, Habit(lambda _: 2 / n)),
        divided_by_batch_size=of(plan, Habit(lambda _: 2 / size)),
        uphill=of(plan, Habit(lambda size: -2 / size)),
        late_bias=of(plan, Habit(late_bias=True)),
        bias_untrained=of(plan, Habit(bias_factor=0.0)),
        logged_late=of(plan, AFTER),
        mean_of_means=of(plan, Habit(log=lambda epoch: sum(epoch.before) / len(epoch.before))),
        last_loss_only=of(plan, Habit(log=lambda epoch: epoch.before[-1])),
        losses_added=of(plan, Habit(log=lambda epoch: sum(epoch.before))),
        loss_per_update=of([[rows] for epoch in plan for rows in epoch]),
        loss_at_start=of(plan, Habit(log=lambda epoch: epoch.start)),
        loss_at_end=of(plan, Habit(log=lambda epoch: epoch.end)),
    )
    fitted = student.fit(X.clone(), y.clone(), lr, n_epochs, size, generator)
    assert_close(fitted, descent(X, y, lr, plan), mistakes, name=NAMES)
    again = descent(X, y, lr, batches(n, size, 1, replay))
    repeated = looks_like(generator_copied=of(batches(n, size, 1, twin(begin))))
    assert_close(student.fit(X.clone(), y.clone(), lr, 1, size, generator), again, repeated, name=NAMES)


@check("fit", points=0.5, read=TRAINING)
def test_extreme_batch_sizes(student: Student, given: Given) -> None:
    """Batches of one sample, of all, and of more than there are"""
    n, lr = given.integer(7, 11), given.number(0.02, 0.05)
    X, y = plane(given, n, given.integer(2, 5))
    for size in (1, n, n + given.integer(2, 6)):
        generator = used(given)
        expected = descent(X, y, lr, batches(n, size, 2, twin(generator)))
        assert_close(student.fit(X.clone(), y.clone(), lr, 2, size, generator), expected, name=NAMES)


@check("fit", points=0.5)
def test_few_epochs(student: Student, given: Given) -> None:
    """No epochs give zeros and an empty list, one epoch one loss"""
    X, y = plane(given, 10, 3)
    zeros = X.new_zeros(3), X.new_zeros(())
    for size in (None, 4):
        generator = used(given)
        plan = in_order(10, 1) if size is None else batches(10, size, 1, twin(generator))
        w, b, losses = returned(student.fit(X.clone(), y.clone(), 0.06, 0, size, given.generator()), *NAMES)
        shaped = all(isinstance(part, Tensor) and part.shape == zero.shape for part, zero in zip((w, b), zeros, strict=True))
        assert_close((w, b), zeros, looks_like(not_from_zeros=(w, b) if shaped else None), name=NAMES)
        assert_close(losses, [], name="losses")
        fitted = student.fit(X.clone(), y.clone(), 0.06, 1, size, generator)
        assert_close(fitted, descent(X, y, 0.06, plan), name=NAMES)


@check("fit", points=0.5, soundness="observation", read=TRAINING)
def test_fitting_is_pure(student: Student, given: Given) -> None:
    """The full batch draws nothing; X, y and their dtype are kept"""
    X, y = plane(given, 12, 3)
    generator, plan = used(given), in_order(12, 3)
    expected = descent(X, y, 0.06, plan)
    with unchanged("changed_data", X=X, y=y), unchanged("generator_drawn", generator=generator):
        fitted = student.fit(X, y, 0.06, 3, None, generator)
    assert_close(fitted, expected, name=NAMES)
    with unchanged("changed_data", X=X, y=y):
        student.fit(X, y, 0.06, 2, 5, generator)
    single = X.float(), y.float()
    w, b, losses = returned(student.fit(*single, 0.06, 3, None, generator), *NAMES)
    assert_close((w, b), descent(*single, 0.06, plan)[:2], name=NAMES)
    assert_floats(losses, 3, mistake="kept_graph")


# --- the two numbers to compare by


def curve(given: Given) -> tuple[list[float], float, int]:
    """Losses, a target that one of them equals, and the first step that reaches it; some later losses do so, others not."""
    before = given.uniform(2.0, 3.0, given.integer(3, 7)).tolist()
    target = given.number(1.0, 1.3)
    spread = [given.number(low, low + 0.1) for low in (1.5, 0.7, 0.2, 1.7, 0.5, 1.9, 2.1)]
    return [*before, target, *spread], target, len(before)


@check("steps_to_reach", points=0.5, read="Exercises")
def test_first_step_that_reaches(student: Student, given: Given) -> None:
    """The first loss at or below the target gives the step, from 0"""
    losses, target, first = curve(given)
    mistakes = looks_like(
        strict=first + 2,
        from_one=first + 1,
        one_early=first - 1,
        smallest_loss=first + 3,
        last_below=first + 5,
    )
    assert_close(student.steps_to_reach(losses, target), first, mistakes, name="step")
    between = given.number(0.9, 0.95)  # no loss equals it
    assert_close(student.steps_to_reach(losses, between), first + 2, name="step")
    assert_close(student.steps_to_reach(losses, 4.5), 0, looks_like(zero_is_none=None), name="step")


@check("steps_to_reach", points=0.5, read="Exercises")
def test_never_reached(student: Student, given: Given) -> None:
    """A target that is never reached gives None"""
    losses, target, first = curve(given)
    assert_close(student.steps_to_reach(losses, target + 0.05), first, name="step")
    for values, low in ((losses, given.number(0.05, 0.15)), ([], target)):
        step = student.steps_to_reach(values, low)
        claim(
            step is None,
            f"expected   None: none of the {len(values)} losses is at most {low:.4g}\ngot        {step!r}",
            looks_like="never",
        )


# --- the quiz

FIRST_HALF = {
    "q1": "75e9438847677e1e",
    "q2": "acbd3bf2b58de41c",
    "q3": "e54c9561f2701137",
    "q4": "f3872ea7b95087c3",
}
SECOND_HALF = {
    "q5": "7a55ebd1b95b1629",
    "q6": "2761dc8c5c8ca758",
    "q7": "d0074275a61bf5b5",
    "q8": "545d3c5f7fd42cd5",
}


@check("answers", points=0.5, read="Quiz")
def test_quiz_first_half(student: Student, given: Given) -> None:
    """The questions 1 to 4 of the quiz are answered rightly"""
    assert_answers(student.answers(), "1_6", FIRST_HALF)


@check("answers", points=0.5, read="Quiz")
def test_quiz_second_half(student: Student, given: Given) -> None:
    """The questions 5 to 8 of the quiz are answered rightly"""
    assert_answers(student.answers(), "1_6", SECOND_HALF)
