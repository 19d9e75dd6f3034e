"""The grader of lesson 1_4. Oracles: the MSE written out, autograd in float64, and descents run in the check."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader import (
    AUTOGRAD,
    Drawing,
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
from grader.drawing import Contour, Panel

BY_HAND = ["loss_surface", "descent_path", "curvature", "largest_stable_lr"]
MISTAKES = {
    "transposed": "rows and columns have changed places. `loss_surface` has a row per w, [A,B]; matplotlib's contour wants a"
    " row per b, [B,A], so it draws the transpose, `surface.T`.",
    "sum_not_mean": "the sum over the samples was not divided by N: the MSE is a mean, so the 1/N is in its gradient and in"
    " its curvature too.",
    "wrong_axis": "the mean was taken over the wrong axis. Average over the N samples only: one number for each pair (w, b).",
    "no_mean": "the squared errors of the single samples are still there. Average them: one number for each pair (w, b).",
    "halved": "this is half the MSE. Here it is the plain mean, 1/N and not 1/(2N).",
    "root": "this is the square root of the MSE.",
    "square_of_mean": "the errors were averaged before they were squared, so that they cancel. Square first, then average.",
    "absolute": "this is the mean of |error|. The MSE squares the errors.",
    "roles_swapped": "`ws` was used as the bias and `bs` as the slope. The line is w·x + b, rows belong to w, columns to b.",
    "bias_missing": "the bias is missing from the prediction: w·x alone gives exactly what you got.",
    "no_factor_2": "the factor 2 of d(e²)/de is missing: the gradient of the MSE and its Hessian carry 2/N, not 1/N.",
    "start_left_out": "the start is missing. Row 0 is (w0, b0), before any step.",
    "end_left_out": "the last place is missing. Append the new (w, b) after each step, n_steps times.",
    "aliased": "the rows are one and the same tensor: it was appended and then changed in place, so that each row shows where"
    " the descent ended. Append a copy, or make new tensors, w - lr·dw.",
    "late_bias": "`b` was updated from an error that already contains the new `w`. Compute both gradients first, then step.",
    "uphill": "the step goes up the slope. The gradient is subtracted, w − lr·dw, and its error is y_pred − y.",
    "dw_not_times_x": "`dw` lacks the factor x: w enters the prediction as w·x, so dw is 2·mean(error·x).",
    "db_times_x": "`db` was multiplied by x. The bias enters the prediction with the factor 1, so db is 2·mean(error).",
    "order_swapped": "b came before w. The order is (w, b) everywhere: w is the first entry, b the second.",
    "path_on_its_side": "the path lies on its side: one row per step with two columns, [n_steps+1, 2].",
    "bare_product": "XᵀX alone gives exactly what you got. The second derivatives of a mean of squares are 2/N · XᵀX.",
    "mean_squared": "mean(x)² is not mean(x²): square each x first, then average.",
    "centred": "the mean of x was subtracted. The curvature along w is 2·mean(x²), not twice the variance.",
    "no_mixed": "the mixed derivative ∂²L/∂w∂b is missing. It is 2·mean(x), at both places off the diagonal.",
    "corner_one": "the last entry is wrong alone: ∂²L/∂b² is 2, since the squared error's second derivative is 2.",
    "one_over": "1/λ_max gives exactly what you got. There the factor 1 − lr·λ_max is 0; the border is where it is −1: 2/λ_max.",
    "smallest": "the smaller eigenvalue was taken. The steepest direction, the larger one, is the first to diverge.",
    "not_divided": "this is λ_max itself. The rate is 2/λ_max.",
    "trace": "2 divided by the trace gives exactly what you got. The trace is the sum of the eigenvalues, not the largest one.",
    "corner": "2 divided by the curvature along w gives exactly what you got. The steepest direction is no axis: take the"
    " largest eigenvalue.",
    "axes_swapped": "w and b have changed places in the picture: w goes to the right (x axis), b upwards (y axis). If what"
    " you plot is in that order, look at `loss_surface`: its rows belong to w, its columns to b.",
    "scattered": "the path was drawn as points that no line joins. `axes.plot(...)` joins them, `axes.scatter(...)` does not.",
    "in_pieces": "the path was drawn in pieces. Hand all its points to one call of `axes.plot(...)`.",
    "rows_as_lines": "each column or row of the path was drawn as a line of its own, over its index. Hand `axes.plot` two"
    " things: the column of the w, then the column of the b.",
    "unlabelled": "an axis has no label that names its parameter: set_xlabel with w in it, set_ylabel with b in it.",
    "untitled": "a title is missing: axes.set_title(...), or figure.suptitle(...).",
    "same_figure": "both calls gave one and the same figure. Make a new one inside the function, with plt.subplots() say:"
    " plt.gcf() and plt.figure(1) take one that is there.",
    "shown": "the figure was shown inside the function. Return it; whoever called decides whether to show or save it.",
    "not_the_figure": "return the figure alone: neither its axes nor the pair that plt.subplots() gives.",
    "in_place": "the function wrote into what it was given. Compute new tensors: the caller still needs the old ones.",
    "autograd_by_hand": "the derivatives were left to autograd. Here you write them yourself: the gradient in two lines, the"
    " Hessian in one.",
}


def points(given: Given, n: int) -> tuple[Tensor, Tensor]:
    """Inputs [n] and targets [n], on no line."""
    return given.normal(n, mean=0.4), given.normal(n, mean=0.7)


def mse(x: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """The losses of all the pairs in `w` and `b`, two tensors of one shape."""
    return ((w[..., None] * x + b[..., None] - y) ** 2).mean(-1)


def hessian(x: Tensor) -> Tensor:
    """[2,2] by autograd, at a place and for targets that do not matter."""

    def loss(theta: Tensor) -> Tensor:
        return mse(x, 3 * x.cos(), theta[0], theta[1])

    return torch.autograd.functional.hessian(loss, x.new_tensor([0.3, -0.7]))  # type: ignore[no-untyped-call]


def spread_points(given: Given) -> Tensor:
    """Inputs [n] of mean 0.45 to 0.58 and deviation 0.7 to 0.78.

    So each known mistake moves the border of stability by more than 4 %, and the curvature along w is below that along b.
    """
    z = given.normal(given.integer(6, 12))
    return given.number(0.45, 0.58) + given.number(0.7, 0.78) * (z - z.mean()) / z.std(correction=0)


def fitting(got: object, *candidates: Tensor) -> Tensor:
    """The candidate nearest to `got`, for a mistake that is made in several ways."""
    if not isinstance(got, Tensor) or got.device != candidates[0].device:
        return candidates[0]
    alike = [c for c in candidates if c.shape == got.shape]
    return min(alike, key=lambda c: float((got.detach() - c).abs().max()), default=candidates[0])


@check("loss_surface", points=1.5, read="All the losses at once")
def test_surface(student: Student, given: Given) -> None:
    """Entry [i,j] of the surface is the MSE of ws[i] and bs[j]"""
    n, a, b = given.sizes(3, low=3, high=9)
    x, y = points(given, n)
    ws, bs = given.normal(a, mean=0.5), given.normal(b, mean=-0.3)
    errors = ws[:, None, None] * x + bs[:, None] - y
    expected = (errors**2).mean(-1)
    got = student.loss_surface(x, y, ws, bs)
    over_w, over_b = (errors**2).mean(0), (errors**2).mean(1)
    mistakes = looks_like(
        transposed=expected.T,
        sum_not_mean=expected * n,
        wrong_axis=fitting(got, over_w, over_b, over_w.T, over_b.T, (errors**2).mean()),
        no_mean=errors**2,
        halved=expected / 2,
        root=expected.sqrt(),
        square_of_mean=errors.mean(-1) ** 2,
        absolute=errors.abs().mean(-1),
        roles_swapped=mse(x, y, *torch.broadcast_tensors(bs, ws[:, None])),
        bias_missing=mse(x, y, ws, torch.zeros_like(ws))[:, None].expand(a, b),
    )
    assert_close(got, expected, mistakes, name="surface")


@check("loss_surface", points=0.5, read="All the losses at once")
def test_small_grids(student: Student, given: Given) -> None:
    """A grid of one w, or of one b, still gives a matrix [A,B]"""
    n, a, b = given.sizes(3, low=3, high=9)
    x, y = points(given, n)
    for ws, bs in [(given.normal(1), given.normal(b)), (given.normal(a), given.normal(1))]:
        expected = mse(x, y, *torch.broadcast_tensors(ws[:, None], bs))
        assert_close(student.loss_surface(x, y, ws, bs), expected, looks_like(transposed=expected.T), name="surface")


Step = Callable[[Tensor, Tensor, Tensor, float], Tensor]


def step(x: Tensor, y: Tensor, theta: Tensor, lr: float) -> Tensor:
    """One step of descent of `theta`, (w, b)."""
    return theta - lr * autograd(lambda theta: mse(x, y, theta[0], theta[1]), theta)[0]


def late_bias(x: Tensor, y: Tensor, theta: Tensor, lr: float) -> Tensor:
    moved = torch.stack((step(x, y, theta, lr)[0], theta[1]))
    return torch.stack((moved[0], step(x, y, moved, lr)[1]))


def by_factors(in_dw: Callable[[Tensor], Tensor], in_db: Callable[[Tensor], Tensor]) -> Step:
    """A step whose gradient has these factors, functions of x, beside the error; x and 1 are right."""

    def stepped(x: Tensor, y: Tensor, theta: Tensor, lr: float) -> Tensor:
        error = theta[0] * x + theta[1] - y
        return theta - lr * 2 * torch.stack(((error * in_dw(x)).mean(), (error * in_db(x)).mean()))

    return stepped


def walk(x: Tensor, y: Tensor, start: list[float], lr: float, n_steps: int, step: Step = step) -> Tensor:
    """The path [n_steps+1, 2] of a descent."""
    path = [x.new_tensor(start)]
    for _ in range(n_steps):
        path.append(step(x, y, path[-1], lr))
    return torch.stack(path)


@check("descent_path", points=1, read="A path is a list of places, not of names")
def test_path(student: Student, given: Given) -> None:
    """The path holds the start and the place after each step"""
    n, n_steps = given.sizes(2, low=5, high=12)
    x, y = points(given, n)
    start, lr = [given.number(-2.0, -1.0), given.number(1.5, 2.5)], given.number(0.05, 0.15)
    path = walk(x, y, start, lr, n_steps)
    longer = walk(x, y, start, lr, n_steps + 1)
    got = student.descent_path(x, y, *start, lr, n_steps)
    all_alike = path[-1].expand(n_steps + 1, 2)
    mistakes = looks_like(
        start_left_out=fitting(got, path[1:], longer[1:]),
        end_left_out=path[:-1],
        aliased=fitting(got, all_alike, torch.cat((path[:1], all_alike[1:])), all_alike[1:]),
        no_factor_2=lambda: walk(x, y, start, lr / 2, n_steps),
        sum_not_mean=lambda: walk(x, y, start, lr * n, n_steps),
        late_bias=lambda: walk(x, y, start, lr, n_steps, late_bias),
        uphill=lambda: walk(x, y, start, -lr, n_steps),
        dw_not_times_x=lambda: walk(x, y, start, lr, n_steps, by_factors(torch.ones_like, torch.ones_like)),
        db_times_x=lambda: walk(x, y, start, lr, n_steps, by_factors(torch.clone, torch.clone)),
        order_swapped=path.flip(1),
        path_on_its_side=path.T,
    )
    assert_close(got, path, mistakes, name="path")


@check("descent_path", points=0.5, read="A path is a list of places, not of names")
def test_path_without_steps(student: Student, given: Given) -> None:
    """No steps give the start alone, [1,2]; one step gives two rows"""
    x, y = points(given, 7)
    start, lr = [given.number(-2.0, -1.0), given.number(1.5, 2.5)], given.number(0.05, 0.15)
    for n_steps in (0, 1):
        expected = walk(x, y, start, lr, n_steps)
        mistakes = looks_like(start_left_out=walk(x, y, start, lr, n_steps + 1)[1:], order_swapped=expected.flip(1))
        assert_close(student.descent_path(x, y, *start, lr, n_steps), expected, mistakes, name="path")


@check("curvature", points=1, read="The curvature")
def test_curvature(student: Student, given: Given) -> None:
    """The curvature is the Hessian of the MSE in (w, b)"""
    x = spread_points(given)
    n, expected = len(x), hessian(x)
    mean, variance = float(x.mean()), float(x.var(correction=0))
    off_diagonal = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).to(expected)
    corner = torch.tensor([[0.0, 0.0], [0.0, 1.0]]).to(expected)
    first = corner.flip(0, 1)
    mistakes = looks_like(
        no_factor_2=expected / 2,
        sum_not_mean=expected * n,
        bare_product=expected * n / 2,
        order_swapped=expected.flip(0, 1),
        mean_squared=expected - 2 * variance * first,
        centred=expected - 2 * mean**2 * first,
        no_mixed=expected * (1 - off_diagonal),
        corner_one=expected - corner,
    )
    assert_close(student.curvature(x), expected, mistakes, name="H")


@check("largest_stable_lr", points=1, read="Why the border is 2/λ, exactly")
def test_largest_stable_lr(student: Student, given: Given) -> None:
    """The largest stable learning rate is 2/λ_max, a Python float"""
    x = spread_points(given)
    H = hessian(x)
    smallest, largest = torch.linalg.eigvalsh(H).tolist()
    mistakes = looks_like(
        one_over=1 / largest,
        smallest=2 / smallest,
        not_divided=largest,
        no_factor_2=4 / largest,
        sum_not_mean=2 / (largest * len(x)),
        bare_product=4 / (largest * len(x)),
        trace=2 / float(H.trace()),
        corner=2 / float(H[0, 0]),
    )
    tolerance = None if x.dtype == torch.float64 else 3e-5  # a float that was computed in float32, as on mps
    assert_close(student.largest_stable_lr(x), 2 / largest, mistakes, name="lr", tolerance=tolerance)


@check("largest_stable_lr", points=0.5, read="Why the border is 2/λ, exactly")
def test_border_of_stability(student: Student, given: Given) -> None:
    """Descent settles 2 % below this learning rate and explodes 2 % above"""
    x = spread_points(given)
    y = given.number(1.0, 2.0) * x + given.number(-1.0, 1.0) + given.normal(len(x), std=0.3)
    got = student.largest_stable_lr(x)
    number = isinstance(got, Tensor) and got.numel() == 1 and not got.is_meta  # the check above judges the kind
    lr: Any = got.item() if number else got
    claim(isinstance(lr, float) and 0 < lr < math.inf, f"expected   a positive number\ngot        {got!r:.60}", subject=got)
    eigenvectors = torch.linalg.eigh(hessian(x)).eigenvectors
    lowest = torch.linalg.lstsq(torch.stack((x, torch.ones_like(x)), 1), y[:, None]).solution[:, 0]
    start = lowest + given.number(1.0, 1.5) * eigenvectors[:, 0] + given.number(1.0, 1.5) * eigenvectors[:, 1]
    right = by_factors(torch.clone, torch.ones_like)
    # Along the steepest direction 100 steps multiply the error by 0.96^100 = 0.017 and by 1.04^100 = 50.
    for factor, settles in [(0.98, True), (1.02, False)]:
        first, last = (float(mse(x, y, *place)) for place in walk(x, y, start.tolist(), factor * lr, 100, right)[[0, -1]])
        expected = f"expected   a loss that {'falls' if settles else 'grows'} in 100 steps of descent at {factor} · {lr:.5g}"
        claim((last < first) == settles, f"{expected}\ngot        {first:.4g} before, {last:.4g} after", subject=got)


@check("curvature", points=0.5, read="Mathematical foundations")
def test_by_hand(student: Student, given: Given) -> None:
    """The gradient and the Hessian are written by hand, without autograd"""
    x, y = points(given, 7)
    why = "Both derivatives take a line or two here, and you see what they are made of."
    with banned(student, *AUTOGRAD, "torch.optim", functions=BY_HAND, why=why, mistake="autograd_by_hand"):
        path = student.descent_path(x, y, 0.3, -0.4, 0.07, 2)
        H = student.curvature(x)
    assert_close(path, walk(x, y, [0.3, -0.4], 0.07, 2), name="path")
    assert_close(H, hessian(x), name="H")


@check("largest_stable_lr", points=0.5, soundness="observation")
def test_arguments_are_left_alone(student: Student, given: Given) -> None:
    """The functions leave their arguments alone"""
    x, y = points(given, 7)
    ws, bs = given.normal(4), given.normal(5)
    with unchanged("in_place", x=x, y=y, ws=ws, bs=bs):
        student.loss_surface(x, y, ws, bs)
        student.descent_path(x, y, 0.3, -0.4, 0.1, 3)
        student.largest_stable_lr(x)
        H = student.curvature(x)
    # Doing nothing leaves everything alone too, so one value is looked at.
    done = isinstance(H, Tensor) and H.shape == (2, 2) and not H.is_meta and bool(H.any())
    claim(done, "expected   a curvature [2,2] that is not zero\ngot        none", subject=H)


@check("curvature", points=0.5, read="Exercises")
def test_device_and_dtype(student: Student, given: Given) -> None:
    """The functions compute where their inputs are, in their dtype"""
    x, y = (value.float() for value in points(given, 7))
    ws, bs = given.normal(4).float(), given.normal(5).float()
    assert_close(student.loss_surface(x, y, ws, bs), mse(x, y, *torch.broadcast_tensors(ws[:, None], bs)), name="surface")
    assert_close(student.descent_path(x, y, 0.3, -0.4, 0.1, 4), walk(x, y, [0.3, -0.4], 0.1, 4), name="path")
    assert_close(student.curvature(x), hessian(x), name="H")
    assert_follows_device(student.loss_surface, x, y, ws, bs)
    assert_follows_device(student.descent_path, x, y, 0.3, -0.4, 0.1, 2)
    assert_follows_device(student.curvature, x)


Scene = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def scene(given: Given, a: int = 18, b: int = 18) -> Scene:
    """x, y, ws [a], bs [b] and a path [K,2] for plot_landscape, on the CPU, where matplotlib draws.

    The noise keeps the lowest loss well above 0; the grid is not centred at it, nor is it square.
    """
    x, y = (value.cpu() for value in given.line(15, given.number(1.5, 2.5), given.number(-1.5, -0.5), noise=0.7))
    w, bias = torch.linalg.lstsq(torch.stack((x, torch.ones_like(x)), 1), y[:, None]).solution[:, 0].tolist()
    ws = torch.linspace(w - 2.3, w + 1.5, a, dtype=x.dtype)
    bs = torch.linspace(bias - 1.2, bias + 2.1, b, dtype=x.dtype)
    return x, y, ws, bs, given.tensor([w, bias]).cpu() + 0.5 * given.normal(9, 2).cpu()


def panel_of(figure: object) -> Panel:
    """The axes with the contours, of what plot_landscape returned."""
    if not isinstance(figure, Drawing):
        pair = isinstance(figure, list | tuple) and any(isinstance(part, Drawing) for part in figure)
        shown = f"a {type(figure).__name__}" if isinstance(figure, list | tuple | Tensor) else f"{figure!r:.60}"
        mistake = "not_the_figure" if pair or "Axes" in shown else None
        claim(False, f"expected   a matplotlib Figure\ngot        {shown}", subject=figure, looks_like=mistake)
    panels = [panel for panel in getattr(figure, "panels", ()) if len(panel.contours) > 2]
    claim(bool(panels), "expected   axes with at least 3 contours of the loss\ngot        a figure without", subject=figure)
    return panels[0]


Loss = Callable[[Tensor], Tensor]


def overlap(contours: tuple[Contour, ...], loss: Loss, allowed: float) -> str | None:
    """The worst place where `contours` are no level sets of `loss`, a function of [K,2], in words.

    Their levels may be those of any growing function of the loss, its logarithm for instance: the loss must be one
    number along each line, and no smaller there than on a lower one. A band lies between its two lines.
    """
    found: list[tuple[Contour, float, float]] = []
    for contour in contours:
        losses = loss(contour.xy[contour.xy.isfinite().all(1)])
        if len(losses):
            found.append((contour, float(losses.min()), float(losses.max())))
    excess, words = allowed, None
    for lower, _, highest in found:
        for upper, lowest, _ in found:
            if lower.upper <= upper.lower and not highest - lowest <= excess:
                excess = highest - lowest
                words = f"{highest:.3g} {_where(lower, lower.upper)}, of {lowest:.3g} {_where(upper, upper.lower)}"
    return words


def _where(contour: Contour, level: float) -> str:
    if contour.lower == contour.upper:
        return f"on the contour {level:.3g}"
    return f"in the band {'below' if level == contour.upper else 'above'} {level:.3g}"


def assert_level_sets(figure: object, scene: Scene) -> None:
    """Fail unless the contours are those of the loss, with w to the right and b upwards."""
    x, y, ws, bs = (value.double() for value in scene[:4])
    contours = panel_of(figure).contours

    def loss(xy: Tensor) -> Tensor:
        return mse(x, y, xy[:, 0], xy[:, 1])

    def axes_swapped(xy: Tensor) -> Tensor:
        return loss(xy.flip(1))

    def transposed(xy: Tensor) -> Tensor:
        right, up = (xy[:, 0] - ws[0]) / (ws[-1] - ws[0]), (xy[:, 1] - bs[0]) / (bs[-1] - bs[0])
        return loss(torch.stack((ws[0] + up * (ws[-1] - ws[0]), bs[0] + right * (bs[-1] - bs[0])), 1))

    # A contour crosses a grid edge of length h where a straight line would, so it is off by about h²λ/8; of the logarithm
    # by some times that. Measured over 20 seeds: right maps at most 0.18 of what is allowed, wrong ones at least 3.6 times it.
    allowed = float(((ws[1] - ws[0]) ** 2 + (bs[1] - bs[0]) ** 2) * torch.linalg.eigvalsh(hessian(x))[-1])
    facts = overlap(contours, loss, allowed)
    names = [other.__name__ for other in (axes_swapped, transposed) if facts and overlap(contours, other, allowed) is None]
    claim(
        facts is None,
        f"expected   one loss along each contour, and more on a higher one\ngot        a loss of {facts}",
        subject=figure,
        looks_like=names[0] if len(names) == 1 else None,
    )


@check("plot_landscape", points=1, read="Reading and drawing a contour map")
def test_contours(student: Student, given: Given) -> None:
    """The contours are level sets of the loss, w to the right, b upwards"""
    for a, b in [(18, 18), (15, 19)]:  # a square grid first: there a transposed surface is drawn, not refused
        x, y, ws, bs, path = scene(given, a, b)
        assert_level_sets(student.plot_landscape(x, y, ws, bs, path), (x, y, ws, bs, path))


def is_drawn(path: Tensor, panel: Panel) -> bool:
    # float32 on the way is off by 6e-8, the smallest known mistake by more than 0.01
    return any(line.xy.shape == path.shape and torch.allclose(line.xy, path.double(), rtol=0, atol=1e-5) for line in panel.lines)


def drawn_otherwise(path: Tensor, panel: Panel) -> str | None:
    """The mistake with which `path` was drawn, where it is a known one."""
    ends = torch.stack((path[:-1], path[1:]), 1)
    columns = [torch.stack((torch.arange(len(column)).to(column), column), 1) for column in (*path.T, *path)]
    true = {
        "axes_swapped": is_drawn(path.flip(1), panel),
        "start_left_out": is_drawn(path[1:], panel),
        "end_left_out": is_drawn(path[:-1], panel),
        "in_pieces": all(is_drawn(pair, panel) for pair in ends) or all(is_drawn(row[None], panel) for row in path),
        "rows_as_lines": any(is_drawn(column, panel) for column in columns),
        "scattered": any(p.xy.shape == path.shape and torch.allclose(p.xy, path.double(), atol=1e-5) for p in panel.points),
    }
    names = [name for name, holds in true.items() if holds]
    return names[0] if len(names) == 1 else None


def through(xy: Tensor) -> str:
    """A line in words."""
    places = ", ".join(f"({right:.3f}, {up:.3f})" for right, up in xy[:3].tolist())
    return f"a line through {len(xy)} places: {places}" + (", …" if len(xy) > 3 else "")


@check("plot_landscape", points=0.5, read="Reading and drawing a contour map")
def test_path_is_drawn(student: Student, given: Given) -> None:
    """The whole path is one line on the map"""
    x, y, ws, bs, path = scene(given)
    figure = student.plot_landscape(x, y, ws, bs, path)
    panel = panel_of(figure)
    if not is_drawn(path, panel):
        lines = "\n           ".join(through(line.xy) for line in panel.lines[:4]) or "no line"
        facts = f"expected   {through(path)}\ngot        {lines}"
        claim(False, facts, subject=figure, looks_like=drawn_otherwise(path, panel))


@check("plot_landscape", points=0.5, read="Reading and drawing a contour map")
def test_words(student: Student, given: Given) -> None:
    """The axes are labelled w and b, and there is a title"""
    x, y, ws, bs, path = scene(given)
    figure = student.plot_landscape(x, y, ws, bs, path)
    panel = panel_of(figure)
    right, up = panel.xlabel.lower(), panel.ylabel.lower()
    swapped = "b" in right and "w" in up
    claim(
        "w" in right and "b" in up,
        f"expected   labels that contain w (x axis) and b (y axis)\ngot        {panel.xlabel!r} and {panel.ylabel!r}",
        subject=figure,
        looks_like="axes_swapped" if swapped else "unlabelled",
    )
    title = panel.title + getattr(figure, "title", "")
    claim(bool(title.strip()), "expected   a title\ngot        none", subject=figure, looks_like="untitled")


@check("plot_landscape", points=0.5, read="Reading and drawing a contour map", soundness="observation")
def test_new_figure(student: Student, given: Given) -> None:
    """Each call makes a new figure, shows none, and changes no argument"""
    x, y, ws, bs, path = scene(given)
    why = "A function that shows its figure cannot be used to save it, to test it, or to draw two of them."
    shows = ("matplotlib.pyplot.show", "matplotlib.figure.Figure.show")
    with (
        banned(student, *shows, functions=["plot_landscape"], why=why, mistake="shown"),
        unchanged("in_place", x=x, y=y, ws=ws, bs=bs, path=path),
    ):
        first = student.plot_landscape(x, y, ws, bs, path)
        second = student.plot_landscape(x, y, ws, bs, path[:4])
    old, new = panel_of(first), panel_of(second)
    same = getattr(first, "identity", 0) == getattr(second, "identity", 0)
    claim(
        not same, "expected   two figures from two calls\ngot        one and the same", subject=second, looks_like="same_figure"
    )
    carried = is_drawn(path, old) and is_drawn(path, new)
    claim(not carried, "expected   the path of this call alone\ngot        that of the call before too", subject=second)
