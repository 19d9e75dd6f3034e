"""The grader of lesson 1_5. Oracles: closed forms of the differences of a cubic, autograd, and norms written out in the check."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader import (
    AUTOGRAD,
    Given,
    Student,
    assert_close,
    assert_follows_device,
    autograd,
    banned,
    check,
    claim,
    looks_like,
    unchanged,
)

BY_HAND = ["forward_difference", "central_difference", "quadratic_gradients", "relative_error", "gradient_check"]
FORWARD = "One step ahead: the forward difference"
CENTRAL = "One step either way: the central difference"
PARABOLA = "A gradient to check: the parabola"
RELATIVE = "How close is close: the relative error"
CHECKING = "The check"
H, TOL = 1e-5, 1e-6  # the defaults of `gradient_check`
MISTAKES = {
    "by_2h": "divided by 2h. The forward form compares θ with θ + h, which are h apart: divide by h.",
    "by_h": "divided by h. The central form compares θ + h with θ − h, which are 2h apart: divide by 2h.",
    "not_divided": "the change of f was not divided by the distance between the two points. A slope is change per step.",
    "precedence": "`/ 2 * h` divides by 2 and multiplies by h, from left to right. Put brackets around it: / (2 * h).",
    "backward": "the step went back: f(θ) − f(θ − h). The forward form looks ahead, f(θ + h) − f(θ).",
    "wrong_sign": "the two values are subtracted the wrong way round: the value at the point further ahead comes first.",
    "central_for_forward": "this is the central difference, f(θ + h) − f(θ − h) over 2h. The forward one starts at θ itself.",
    "forward_used": "this is the forward difference, f(θ + h) − f(θ) over h. The central one is f(θ + h) − f(θ − h) over 2h.",
    "back_to_start": "the second point was θ itself, with 2h below the line: after a step of +h it takes −2h to reach θ − h.",
    "half_step": "the two points are only h apart, θ ± h/2. Step by the whole h to either side and divide by 2h.",
    "all_at_once": "all coordinates were moved together. A partial derivative moves one and holds the others still.",
    "not_undone": "a coordinate was still moved when the next one's turn came. Start every coordinate from the original θ,"
    " with a fresh copy for instance.",
    "scaled_step": "the step was multiplied by θ. It is h itself, whatever the size of the coordinate.",
    "h_ignored": "the difference was not taken with the step `h` that was given. It came out at the gradient itself, as"
    " with a tiny step of your own. Use h as it is.",
    "wrong_dtype": "the result is not in the dtype of the input. torch.zeros(n) is float32; write torch.zeros_like(theta).",
    "in_place": "it wrote into a tensor that it was given. Undoing that later does not help: in floating point θ + h − h need not"
    " be θ, and an error half-way leaves it changed. Work on a copy, theta.clone().",
    "no_factor_2": "the factor 2 of d(e²)/de is missing: 1/N instead of 2/N gives exactly what you got.",
    "sum_not_mean": "the sum over the samples was not divided by N: the MSE is a mean, its gradient carries 2/N.",
    "wrong_error": "the error has the wrong sign: it is y_pred − y, and y − y_pred turns the gradient around.",
    "reversed": "the coefficients are in the reverse order. The constant comes first: y = θ0 + θ1·x + θ2·x².",
    "x_not_squared": "the third entry was multiplied by x. θ2 enters the prediction with the factor x²: its entry carries x².",
    "by_x": "that is the derivative of x² by x, 2x. The derivative is by θ2, and x is a constant then: θ2·x² gives x².",
    "first_by_x": "the first entry was multiplied by x. θ0 enters the prediction with the factor 1: it is 2/N · sum(error).",
    "not_summed": "one gradient per sample was kept. A coefficient takes part in every prediction: sum over the N samples.",
    "absolute": "this is ‖a − b‖, the absolute error. Divide by ‖a‖ + ‖b‖, or the answer depends on the scale of the gradient.",
    "max_norm": "the largest entry was taken for the norm. ‖v‖ is the square root of the sum of squares: every entry counts.",
    "one_norm": "the sum of the absolute entries was taken for the norm. ‖v‖ is the square root of the sum of squares.",
    "squared": "the norms are squared. ‖v‖ is the square root of the sum of squares; check that none is missing.",
    "one_sided": "divided by the norm of one vector alone. The denominator is ‖a‖ + ‖b‖, so that neither has to be the true one.",
    "mean_size": "divided by half of ‖a‖ + ‖b‖. Here the error is relative to the sum, and is at most 1.",
    "norm_of_sum": "divided by ‖a + b‖, where opposite entries cancel. The denominator is ‖a‖ + ‖b‖.",
    "no_abs": "positive and negative differences cancel, or a negative one counts as small. Take the norm of a − b, not its sum.",
    "elementwise": "the errors of the entries were taken one by one. The vectors have one error: norms first, then divide.",
    "floor": "a small constant in the denominator distorts the error of tiny vectors. Treat the case of two zeros by itself.",
    "zero_by_zero": "0/0 is NaN. Two zero vectors agree, so their error is 0.0: treat that case by itself.",
    "not_a_value": "the result is still a tensor. Turn it into Python's value with .item().",
    "one_coordinate": "not every coordinate was compared. A gradient is right only if all of its entries are.",
    "strict": "an error of exactly `tol` is still accepted: <=, not <.",
    "tol_ignored": "the tolerance `tol` that was given has no effect.",
    "autograd_by_hand": "the gradient was left to autograd. Here you derive it yourself, and test it with differences.",
}

Objective = Callable[[Tensor], Tensor]


def at_points_of(size: int, value: Objective) -> Objective:
    """`value`, with a plain complaint where it is called with anything but one point [size]."""

    def f(theta: Tensor) -> Tensor:
        came = f"the shape {list(theta.shape)}" if isinstance(theta, Tensor) else f"a {type(theta).__name__}"
        if not isinstance(theta, Tensor) or theta.shape != (size,):
            raise ValueError(f"f and grad_f take one whole point, a Tensor [{size}]; they were called with {came}")
        return value(theta)

    return f


@dataclass(frozen=True)
class Cubic:
    """f(θ) = Σ cᵢθᵢ³ + (a·θ)², whose differences are known exactly, for a step of any size.

    By Taylor, f(θ ± h·eᵢ) = f ± h·gᵢ + h²·sᵢ ± h³·cᵢ with the gradient gᵢ = 3cᵢθᵢ² + 2(a·θ)aᵢ and sᵢ = 3cᵢθᵢ + aᵢ².
    """

    c: Tensor
    a: Tensor
    theta: Tensor

    @property
    def f(self) -> Objective:
        c, a = self.c, self.a
        return at_points_of(len(c), lambda t: (c.to(t) * t**3).sum() + (a.to(t) * t).sum() ** 2)

    @property
    def gradient(self) -> Tensor:
        return autograd(self.f, self.theta)[0]

    def gradient_at(self, t: Tensor) -> Tensor:
        c, a = self.c.to(t), self.a.to(t)
        return 3 * c * t**2 + 2 * (a * t).sum() * a

    @property
    def s(self) -> Tensor:
        return 3 * self.c * self.theta + self.a**2

    def forward(self, h: float) -> Tensor:
        return self.gradient + h * self.s + h**2 * self.c

    def backward(self, h: float) -> Tensor:
        return self.gradient - h * self.s + h**2 * self.c

    def central(self, h: float) -> Tensor:
        return self.gradient + h**2 * self.c

    def step(self, h: float) -> list[Tensor]:
        return list(h * torch.eye(len(self.theta), dtype=self.theta.dtype, device=self.theta.device))


def cubic(given: Given, size: float = 1.0) -> Cubic:
    """A cubic and a point whose entries have both signs and about the given size."""
    p = given.integer(4, 7)
    signs = given.tensor([(-1.0) ** int(i) for i in given.permutation(p)])
    return Cubic(given.uniform(1.5, 3.0, p), given.normal(p, std=0.5), size * signs * given.uniform(0.6, 1.6, p))


def double(value: Tensor) -> Tensor:
    """In float64, on the CPU where the device has none: rounding rules out a gradient check with small steps in float32."""
    return value.double() if value.device.type != "mps" else value.cpu().double()


def in_double(problem: Cubic) -> Cubic:
    return Cubic(double(problem.c), double(problem.a), double(problem.theta))


def whichever(got: Any, *values: Tensor) -> Tensor:
    """The one of several forms of one mistake that `got` is, else the first."""

    def same(value: Tensor) -> bool:
        alike = isinstance(got, Tensor) and got.shape == value.shape and got.dtype == value.dtype and got.device == value.device
        return alike and torch.allclose(got, value, rtol=1e-5)

    return next((value for value in values if same(value)), values[0])


def near(got: Any, target: Tensor) -> Tensor:
    """`got` itself where it is `target` to 4 digits (a tiny step leaves a small error of its own), else `target`."""
    alike = isinstance(got, Tensor) and got.shape == target.shape and got.dtype == target.dtype and got.device == target.device
    return got if alike and bool((got - target).abs().max() < 1e-4 * target.abs().max()) else target


def other_dtype(value: Tensor) -> Tensor:
    return value.float() if value.dtype == torch.float64 else double(value)


def sums(steps: list[Tensor]) -> list[Tensor]:
    """The displacement in front of each coordinate's turn where the earlier steps were not undone."""
    return [torch.stack(steps[:i]).sum(0) if i else torch.zeros_like(steps[0]) for i in range(len(steps))]


def forward_mistakes(problem: Cubic, h: float, got: Any) -> dict[str, Any]:
    f, theta, steps = problem.f, problem.theta, problem.step(h)
    once = (f(theta + h) - f(theta)) / h
    left = sums(steps)
    fixed_start = torch.stack([(f(theta + d + e) - f(theta)) / h for d, e in zip(left, steps, strict=True)])
    moving_start = torch.stack([(f(theta + d + e) - f(theta + d)) / h for d, e in zip(left, steps, strict=True)])
    scaled = torch.stack([f(theta + theta * e) - f(theta) for e in steps]) / h
    right = problem.forward(h)
    return {
        "by_2h": right / 2,
        "not_divided": right * h,
        "backward": problem.backward(h),
        "wrong_sign": -right,
        "central_for_forward": problem.central(h),
        "all_at_once": whichever(got, once.expand_as(theta), once, once.reshape(1)),
        "not_undone": whichever(got, fixed_start, moving_start),
        "scaled_step": whichever(got, scaled, scaled / theta),
        "h_ignored": near(got, problem.gradient),
        "wrong_dtype": other_dtype(right),
    }


def central_mistakes(problem: Cubic, h: float, got: Any) -> dict[str, Any]:
    f, theta, steps = problem.f, problem.theta, problem.step(h)
    once = (f(theta + h) - f(theta - h)) / (2 * h)
    left = sums(steps)
    both_ways = torch.stack([f(theta + d + e) - f(theta - d - e) for d, e in zip(left, steps, strict=True)])
    left_below = torch.stack([f(theta - d + e) - f(theta - d - e) for d, e in zip(left, steps, strict=True)])
    left_above = torch.stack([f(theta + d + e) - f(theta + d - e) for d, e in zip(left, steps, strict=True)])
    scaled = torch.stack([f(theta + theta * e) - f(theta - theta * e) for e in steps]) / (2 * h)
    right = problem.central(h)
    return {
        "by_h": 2 * right,
        "not_divided": right * 2 * h,
        "precedence": right * h**2,
        "wrong_sign": -right,
        "forward_used": problem.forward(h),
        "back_to_start": problem.forward(h) / 2,
        "half_step": problem.central(h / 2),
        "all_at_once": whichever(got, once.expand_as(theta), once, once.reshape(1)),
        "not_undone": whichever(got, both_ways / (2 * h), left_below / (2 * h), left_above / (2 * h)),
        "scaled_step": whichever(got, scaled, scaled / theta),
        "h_ignored": near(got, problem.gradient),
        "wrong_dtype": other_dtype(right),
    }


@check("forward_difference", points=1.5, read=FORWARD)
def test_forward_difference(student: Student, given: Given) -> None:
    """The forward difference: one step ahead, coordinate by coordinate"""
    problem, h = cubic(given), given.number(0.3, 0.45)
    got = student.forward_difference(problem.f, problem.theta.clone(), h)
    assert_close(got, problem.forward(h), forward_mistakes(problem, h, got), name="gradient")


@check("central_difference", points=1.5, read=CENTRAL)
def test_central_difference(student: Student, given: Given) -> None:
    """The central difference: one step either way, over 2h"""
    problem, h = cubic(given), given.number(0.3, 0.45)
    got = student.central_difference(problem.f, problem.theta.clone(), h)
    assert_close(got, problem.central(h), central_mistakes(problem, h, got), name="gradient")


@check("central_difference", points=0.5, read=CENTRAL, soundness="observation")
def test_differences_are_pure(student: Student, given: Given) -> None:
    """Both differences leave theta as it was, at every moment"""
    # Entries a thousand times smaller than h: adding h and taking it off again loses their last digits.
    problem, h = cubic(given, 1e-3), given.number(0.3, 0.45)
    for difference, right in ((student.forward_difference, problem.forward(h)), (student.central_difference, problem.central(h))):
        with unchanged("in_place", theta=problem.theta):
            got = difference(problem.f, problem.theta, h)
        assert_close(got, right, name="gradient")


@check("central_difference", points=0.5, read="In-depth explanation")
def test_differences_follow_theta(student: Student, given: Given) -> None:
    """Both differences compute in theta's dtype, where theta is"""
    # h is a power of two, which float32 holds exactly. Right answers differ by up to 1e-6 of the largest entry (300 seeds).
    problem, h = cubic(given), 0.25
    f, theta = problem.f, problem.theta
    for difference, right in ((student.forward_difference, problem.forward(h)), (student.central_difference, problem.central(h))):
        got = difference(f, theta.float().clone(), h)
        assert_close(got, right.float(), looks_like(wrong_dtype=near(got, double(right))), name="gradient")
        assert_follows_device(difference, f, theta, h)


def samples(given: Given) -> tuple[Tensor, Tensor, Tensor]:
    """Draw x [N], y [N], theta [3] with N unlike 3; every prediction is too large, so that no sum cancels to a small one."""
    n = given.integer(5, 10)
    x, theta = given.normal(n, mean=0.4), given.normal(3)
    return x, theta[0] + theta[1] * x + theta[2] * x**2 - given.uniform(0.5, 2.5, n), theta


def mse_of_parabola(x: Tensor, y: Tensor, theta: Tensor) -> Tensor:
    return ((theta[0] + theta[1] * x + theta[2] * x**2 - y) ** 2).mean()


def true_gradient(x: Tensor, y: Tensor, theta: Tensor) -> Tensor:
    return autograd(lambda t: mse_of_parabola(x, y, t), theta)[0]


def parabola_mistakes(x: Tensor, y: Tensor, theta: Tensor, got: Any) -> dict[str, Any]:
    right, n = true_gradient(x, y, theta), len(y)
    slope = 2 / n * (theta[0] + theta[1] * x + theta[2] * x**2 - y)
    each = torch.stack([slope, slope * x, slope * x**2])
    flipped = true_gradient(x, y, theta.flip(0))
    return {
        "no_factor_2": right / 2,
        "sum_not_mean": right * n,
        "wrong_error": -right,
        "reversed": whichever(got, right.flip(0), flipped, flipped.flip(0)),
        "x_not_squared": torch.stack([right[0], right[1], right[1]]),
        "by_x": torch.stack([right[0], right[1], 2 * right[1]]),
        "first_by_x": torch.stack([right[1], right[1], right[2]]),
        "not_summed": whichever(got, each, each.T, each * n, each.T * n),
        "wrong_dtype": other_dtype(right),
    }


@check("quadratic_gradients", points=1, read=PARABOLA)
def test_quadratic_gradients(student: Student, given: Given) -> None:
    """The gradient of a parabola's MSE, entry by entry"""
    x, y, theta = samples(given)
    got = student.quadratic_gradients(x.clone(), y.clone(), theta.clone())
    assert_close(got, true_gradient(x, y, theta), parabola_mistakes(x, y, theta, got), name="gradient")


@check("quadratic_gradients", points=0.5, read=PARABOLA)
def test_quadratic_gradients_follow(student: Student, given: Given) -> None:
    """The parabola's gradient has the dtype and device of its inputs"""
    x, y, theta = samples(given)
    right = true_gradient(x, y, theta)
    got = student.quadratic_gradients(x.float().clone(), y.float().clone(), theta.float().clone())
    assert_close(got, right.float(), looks_like(wrong_dtype=near(got, double(right))), name="gradient")
    assert_follows_device(student.quadratic_gradients, x, y, theta)


@check("quadratic_gradients", points=0.5, read=PARABOLA)
def test_by_hand(student: Student, given: Given) -> None:
    """The gradient is derived by hand, without autograd"""
    x, y, theta = samples(given)
    why = "The check is worth something only if its two sides come from different places: your derivation, and values of f."
    names = (*AUTOGRAD, "torch.autograd.gradcheck", "torch.gradient")
    with banned(student, *names, functions=BY_HAND, why=why, mistake="autograd_by_hand"):
        got = student.quadratic_gradients(x.clone(), y.clone(), theta.clone())
    assert_close(got, true_gradient(x, y, theta), name="gradient")


def is_lone(got: Any) -> bool:
    """Whether `got` is a tensor that holds one value."""
    return isinstance(got, Tensor) and got.numel() == 1 and not got.is_meta


def is_nan(got: Any) -> bool:
    value = got.item() if is_lone(got) else got
    return isinstance(value, float) and math.isnan(value)


def norm(v: Tensor) -> float:
    return math.sqrt(sum(entry * entry for entry in v.tolist()))


def relative(a: Tensor, b: Tensor) -> float:
    return norm(a - b) / (norm(a) + norm(b))


def error_mistakes(a: Tensor, b: Tensor) -> dict[str, list[float]]:
    """What the known wrong measures of the distance of `a` and `b` give; several forms of one mistake stand together."""
    d, sizes, both = a - b, a.abs() + b.abs(), norm(a) + norm(b)
    largest, total = float(d.abs().max()), float(d.abs().sum())
    return {
        "absolute": [norm(d)],
        "max_norm": [largest / float(a.abs().max() + b.abs().max()), largest / both],
        "one_norm": [total / float(sizes.sum()), total / both],
        "squared": [norm(d) ** 2 / (norm(a) ** 2 + norm(b) ** 2), norm(d) ** 2 / both, norm(d) ** 2 / both**2],
        "one_sided": [norm(d) / norm(a), norm(d) / norm(b)],
        "mean_size": [2 * relative(a, b)],
        "norm_of_sum": [norm(d) / norm(a + b)],
        "no_abs": [float(x) for x in (d.sum() / (a.sum() + b.sum()), d.sum() / sizes.sum(), d.sum() / both, d.mean() / both)]
        + [abs(float(d.sum())) / float(sizes.sum()), (norm(a) - norm(b)) / both, abs(norm(a) - norm(b)) / both],
        "elementwise": [float((d.abs() / sizes).mean()), float((d.abs() / sizes).max()), norm(d.abs() / sizes)],
        "floor": [norm(d) / (both + eps) for eps in EPSILONS] + [norm(d) / max(both, eps) for eps in EPSILONS],
    }


EPSILONS = (1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)


def named_error(got: Any, a: Tensor, b: Tensor) -> dict[str, Any]:
    """The forms in `error_mistakes` that `got` is, and the kinds that are none."""

    def nearest(values: list[float]) -> float:
        return min(values, key=lambda value: abs(value - got)) if type(got) is float and math.isfinite(got) else values[0]

    mistakes: dict[str, Any] = {name: nearest(values) for name, values in error_mistakes(a, b).items()}
    if isinstance(got, Tensor):
        right = a.new_tensor(relative(a, b))
        each = (a - b).abs() / (a.abs() + b.abs())
        mistakes["not_a_value"] = right.reshape(got.shape) if got.numel() == 1 else right
        mistakes["elementwise"] = whichever(got, each, (a - b).abs() / (norm(a) + norm(b)))
    return mistakes


def two_vectors(given: Given) -> tuple[Tensor, Tensor]:
    """Two vectors [P] that are largest in the last entry and differ most in the first, so that no two measures coincide."""
    p = given.integer(4, 7)
    a, d = double(given.normal(p)), double(given.normal(p, std=0.15))
    a[-1] = given.number(4.0, 5.0)
    d[0] = given.number(0.9, 1.3)
    return a, a + d


@check("relative_error", points=1, read=RELATIVE)
def test_relative_error(student: Student, given: Given) -> None:
    """The relative error is ‖a − b‖ / (‖a‖ + ‖b‖), at every scale"""
    a, b = two_vectors(given)
    for u, v in ((a, b), (1e-10 * a, 1e-10 * b)):
        got = student.relative_error(u.clone(), v.clone())
        assert_close(got, relative(u, v), named_error(got, u, v), name="error")


@check("relative_error", points=0.5, read=RELATIVE)
def test_relative_error_of_zeros(student: Student, given: Given) -> None:
    """Two zero vectors have the error 0.0, one alone has 1.0"""
    a = double(given.normal(given.integer(4, 7)))
    zero = torch.zeros_like(a)
    cases = (
        ("a and b are zero", zero, zero, 0.0),
        ("b is zero", a, zero, 1.0),
        ("a is zero", zero, a, 1.0),
        ("a equals b", a, a, 0.0),
    )
    for case, u, v, right in cases:
        got = student.relative_error(u.clone(), v.clone())
        if is_nan(got):
            always = is_nan(student.relative_error(a.clone(), zero.clone()))
            student.relative_error(u.clone(), v.clone())  # the call that the message shows is the last one
            claim(False, f"{case}\nexpected   {right}\ngot        NaN", looks_like=None if always else "zero_by_zero")
        if type(got) is float:
            claim(math.isclose(got, right, rel_tol=1e-12), f"{case}\nexpected   {right}\ngot        {got:.8g}", subject=got)
        still_a_tensor = is_lone(got) and got.item() == right
        assert_close(got, right, looks_like(not_a_value=got) if still_a_tensor else None, name="error")


def assert_answer(got: Any, right: bool, case: str, mistake: str | None = None) -> None:
    """Fail unless `got` is the bool `right`; `case` says what was checked."""
    if type(got) is bool:
        claim(got is right, f"{case}\nexpected   {right}\ngot        {got}", looks_like=mistake)
    elif is_lone(got) and bool(got.item()) is right:
        assert_close(got, right, looks_like(not_a_value=got))
    assert_close(got, right)


Rule = Callable[[Tensor, Tensor], bool]
# Ways not to look at every coordinate, or at both signs: each says which planted gradients it accepts.
CARELESS: dict[str, list[Rule]] = {
    "one_coordinate": [
        lambda a, b: bool((a[0] - b[0]).abs() <= TOL * (a[0].abs() + b[0].abs())),
        lambda a, b: bool((a[-1] - b[-1]).abs() <= TOL * (a[-1].abs() + b[-1].abs())),
        lambda a, b: bool(((a - b).abs() <= TOL * (a.abs() + b.abs())).any()),
    ],
    "no_abs": [
        lambda a, b: float((a - b).sum()) / (norm(a) + norm(b)) <= TOL,
        lambda a, b: float((b - a).sum()) / (norm(a) + norm(b)) <= TOL,
        lambda a, b: abs(float((a - b).sum())) / (norm(a) + norm(b)) <= TOL,
        lambda a, b: bool((a - b <= TOL).all()),
        lambda a, b: bool((b - a <= TOL).all()),
        lambda a, b: float((a - b).max()) <= TOL,
        lambda a, b: norm(a) - norm(b) <= TOL * (norm(a) + norm(b)),
        lambda a, b: abs(norm(a) - norm(b)) <= TOL * (norm(a) + norm(b)),
    ],
}


def planted(right: Tensor) -> list[tuple[str, Tensor, bool]]:
    """Gradients with what is to be said of each: the right one, and one for every planted bug."""
    off = 0.01 * norm(right)
    cases = [("grad_f is right", right, True)]
    for i in range(len(right)):
        for sign, word in ((1, "too large"), (-1, "too small")):
            wrong = right.clone()
            wrong[i] += sign * off
            cases.append((f"grad_f is right but for entry {i}, which is {word} by 1 % of the gradient's norm", wrong, False))
    shifted = right.clone()
    shifted[0] += off
    shifted[-1] -= off
    return [
        *cases,
        ("grad_f has the first entry too large and the last too small, by the same amount", shifted, False),
        ("grad_f has the wrong sign", -right, False),
        ("grad_f lacks a factor of 2", right / 2, False),
        ("grad_f is off by a relative error of 4e-7, less than the default tol", right * (1 + 8e-7), True),
        ("grad_f is off by a relative error of 2e-6, twice the default tol", right * (1 + 4e-6), False),
    ]


def returning(value: Tensor) -> Objective:
    """A `grad_f` that gives `value`."""
    return at_points_of(len(value), value.to)


@check("gradient_check", points=1, read=CHECKING)
def test_planted_bugs(student: Student, given: Given) -> None:
    """A right gradient is accepted, every planted bug rejected"""
    problem = in_double(cubic(given))
    cases = planted(problem.gradient)

    def answer(gradient: Tensor) -> Any:
        off = gradient - problem.gradient  # grad_f is off by the same everywhere, and depends on where it is asked
        grad_f = at_points_of(len(off), lambda t: problem.gradient_at(t) + off.to(t))
        return student.gradient_check(problem.f, grad_f, problem.theta.clone())

    answers = [answer(gradient) for _, gradient, _ in cases]
    if [type(got) for got in answers] == [bool] * len(cases):
        fitting = [
            name
            for name, rules in CARELESS.items()
            if any([rule(problem.gradient, gradient) for _, gradient, _ in cases] == answers for rule in rules)
        ]
    else:
        fitting = []
    for got, (case, gradient, right) in zip(answers, cases, strict=True):
        if got is not right:
            assert_answer(answer(gradient), right, case, fitting[0] if len(fitting) == 1 else None)


@check("gradient_check", points=0.5, read=CHECKING)
def test_tolerance(student: Student, given: Given) -> None:
    """The relative error is compared with tol, which itself is accepted"""
    slopes, claimed = two_vectors(given)
    p, theta = len(slopes), double(given.normal(len(slopes)))
    f = at_points_of(p, lambda t: (slopes.to(t) * t).sum())  # linear: every difference is its gradient, whatever the step

    def accepts(tol: float, gradient: Tensor = claimed) -> Any:
        return student.gradient_check(f, returning(gradient), theta.clone(), 0.5, tol)

    def is_threshold(value: float) -> bool:
        return accepts(value * (1 - 1e-6)) is False and accepts(value * (1 + 1e-6)) is True

    def mistake() -> str | None:
        other_way = 2 * slopes - claimed  # a signed measure is below zero for one of the two at most
        if accepts(1e30) is accepts(0.0) is accepts(0.0, other_way) is True or (
            accepts(1e30) is False and accepts(1e30, slopes) is True
        ):
            return "tol_ignored"
        measures = {name: values for name, values in error_mistakes(slopes, claimed).items() if name != "floor"}
        measures["one_coordinate"] = ((slopes - claimed).abs() / (slopes.abs() + claimed.abs())).tolist()
        fitting = [name for name, values in measures.items() if any(value > 0 and is_threshold(value) for value in values)]
        return fitting[0] if len(fitting) == 1 else None

    error = relative(slopes, claimed)
    for tol, right in ((error * (1 + 1e-6), True), (error * (1 - 1e-6), False)):
        if accepts(tol) is not right:
            named = mistake()
            assert_answer(accepts(tol), right, f"the relative error is {error:.8f}, tol is {tol:.8f}", named)
    # A constant f: whatever the step, the difference is exactly 0 and the relative error to anything else exactly 1.
    constant = at_points_of(p, lambda t: t.new_tensor(7.25))
    above = student.gradient_check(constant, returning(claimed), theta.clone(), 0.5, 1.0000001)
    equal = student.gradient_check(constant, returning(claimed), theta.clone(), 0.5, 1.0)
    assert_answer(equal, True, "the relative error and tol are both exactly 1", "strict" if above is True else None)


@check("gradient_check", points=0.5, read=CHECKING)
def test_step(student: Student, given: Given) -> None:
    """The central difference is taken with the step h, by default 1e-5"""
    problem, h = in_double(cubic(given)), given.number(0.3, 0.45)
    scale = H / h  # f(θ/scale) at scale·θ has the differences of f, over `scale`: there the default step is a large one
    small, u = at_points_of(len(problem.theta), lambda t: problem.f(t / scale)), scale * problem.theta

    def accepts(gradient: Tensor) -> Any:
        return student.gradient_check(problem.f, returning(gradient), problem.theta.clone(), h)

    def accepts_by_default(gradient: Tensor) -> Any:
        return student.gradient_check(small, returning(gradient / scale), u.clone())

    wrong = {
        "forward_used": problem.forward(h),
        "by_h": 2 * problem.central(h),
        "back_to_start": problem.forward(h) / 2,
        "half_step": problem.central(h / 2),
        "wrong_sign": -problem.central(h),
        "h_ignored": problem.gradient,
    }
    size = f"h is {h:.4f}"
    for ask, step in ((accepts, size), (accepts_by_default, "h is not given")):
        for gradient, right, case in (
            (problem.central(h), True, f"{step}, and grad_f gives the central difference with that step exactly"),
            (problem.gradient, False, f"{step}, which is large for this f: the central difference is not near the true gradient"),
        ):
            if ask(gradient) is not right:
                fitting = [name for name, value in wrong.items() if ask(value) is True and ask(problem.central(h)) is False]
                only = fitting[0] if len(fitting) == 1 and ask is accepts else None
                assert_answer(ask(gradient), right, case, only)


@check("gradient_check", points=0.5, soundness="observation")
def test_check_is_pure(student: Student, given: Given) -> None:
    """The gradient, the error and the check leave their arguments alone"""
    x, y, theta = samples(given)
    with unchanged("in_place", x=x, y=y, theta=theta):
        gradient = student.quadratic_gradients(x, y, theta)
    assert_close(gradient, true_gradient(x, y, theta), name="gradient")
    a, b = double(given.normal(5)), double(given.normal(5))
    with unchanged("in_place", a=a, b=b):
        error = student.relative_error(a, b)
    assert_close(error, relative(a, b), name="error")
    problem, h = in_double(cubic(given, 1e-3)), given.number(0.3, 0.45)
    central = problem.central(h)
    with unchanged("in_place", theta=problem.theta):
        answer = student.gradient_check(problem.f, returning(central), problem.theta, h)
    assert_answer(answer, True, "grad_f gives the central difference exactly")
