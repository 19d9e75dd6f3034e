"""The grader of lesson 1_3. Oracles: `torch.randperm` replayed from a twin of the generator, and descent with autograd."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from grader import (
    AUTOGRAD,
    Given,
    Student,
    assert_close,
    assert_floats,
    assert_follows_device,
    banned,
    check,
    claim,
    in_place,
    looks_like,
    returned,
    unchanged,
)

COUNTING = "Mathematical foundations"
READING = "In-depth explanation"
MISTAKES = {
    "floor_division": "this counts the full batches only. The samples left over are a batch too: round up, ⌈N/B⌉.",
    "one_too_many": "n // batch_size + 1 is one too many where batch_size divides n: nothing is left over then.",
    "drop_last_ignored": "`drop_last` was ignored: with it a last batch that is not full does not count.",
    "at_least_one": "with `drop_last` a batch_size above n leaves no batch at all, so the answer is 0 and not 1.",
    "tail_dropped": "the last, smaller batch is missing. Its samples belong to the epoch unless `drop_last` is given.",
    "empty_batch": "there is an empty batch at the end: where batch_size divides n, nothing is left over.",
    "even_parts": "the samples were cut into parts of about equal size, as chunk and tensor_split do. Cut slices of"
    " batch_size; only the last one may be smaller.",
    "separate_permutations": "X and y were put in different orders, so that samples carry the targets of others. Index both"
    " with one and the same permutation.",
    "with_replacement": "some samples come more than once in an epoch and others never, as when indices are drawn with"
    " torch.randint. Cut one permutation into batches instead.",
    "global_generator": "the order came from torch's global generator: pass generator=generator to torch.randperm.",
    "same_permutation": "two epochs had the same order. A generator that is seeded anew, or copied, before the shuffle repeats"
    " itself: draw from the one that was passed in, so that its state moves on.",
    "not_shuffled": "the samples came in their own order: they were not shuffled.",
    "shuffle_ignored": "the samples were shuffled although shuffle=False asks for their own order.",
    "drawn_in_vain": "with shuffle=False nothing is random, so nothing may be drawn: what else uses the generator would get other"
    " numbers.",
    "batches_shuffled": "the batches were shuffled, the samples were not: the same samples meet in a batch in every epoch."
    " Permute the samples first, then cut.",
    "inverse_permutation": "the permutation was used the wrong way round: take X[order]; X_new[order] = X undoes the order.",
    "data_loader": "this is the order of a DataLoader, which draws a seed of its own from the generator before it shuffles."
    " Call torch.randperm yourself, once per epoch.",
    "divided_by_n": "the gradient of a batch was divided by N. The loss of a batch is the mean over its own |B| samples: 2/|B|.",
    "divided_by_batch_size": "the gradient of the last batch was divided by batch_size, but it has fewer samples: use len(yb).",
    "sum_not_mean": "the gradient of a batch was not divided by its size: the loss is a mean, its gradient carries 2/|B|.",
    "no_factor_2": "the factor 2 of d(e²)/de is missing: 1/|B| instead of 2/|B| gives exactly what you got.",
    "uphill": "the step goes up the slope. The gradient is subtracted, w − lr·dw, and its error is y_pred − y.",
    "late_bias": "`b` was updated from an error that already contains the new `w`. Compute both gradients first, then step.",
    "stale_weights": "every batch took its gradient at the weights of the epoch's start. Each update starts where the one before"
    " it ended.",
    "one_update": "there was one update for the whole epoch. Mini-batch descent updates after every batch.",
    "mean_of_means": "this is the mean of the batch means, in which a sample of the small last batch counts more than others."
    " Weigh each batch by its size: add up the squared errors, divide by N.",
    "loss_summed": "the squared errors were added up but not divided by N. The epoch loss is a mean over samples.",
    "tail_as_full": "the mean of each batch was multiplied by batch_size, but the last batch has fewer samples: use len(yb).",
    "logged_late": "each batch's loss was taken after its update. Take it from the error that the update itself uses.",
    "loss_at_end": "this is the loss of all samples at the epoch's end. The epoch loss is made of what each batch saw before its"
    " own update.",
    "loss_at_start": "this is the loss of all samples at the epoch's start. The epoch loss is made of what each batch saw before"
    " its own update, at weights that have moved since.",
    "last_batch": "this is the loss of the last batch alone. The epoch loss is the mean over all N samples.",
    "kept_tensor": "a loss is a Tensor here. Convert it with .item() or float() as you add it up.",
    "in_place": "an argument was written to; the caller still needs it as it was. Make new tensors, w = w − lr·dw and X[order].",
    "autograd_by_hand": "the gradient was left to autograd. Here you write it yourself, as in lesson 1_2.",
    "generator_carried": "the runs share one generator, so each run gets other shuffles. Make a fresh one, with the seed, for"
    " every run.",
    "reseeded": "every epoch of a run repeats the order of the first one. Make one generator per run and let every epoch draw"
    " from it.",
    "weights_carried": "a run went on from the weights of the run before it. Every run starts from zeros.",
}
NAMES = ("w", "b", "epoch_loss")


class Problem(NamedTuple):
    """X [N,D] and y [N] with all entries different, w [D], b [], and a batch size that leaves a tail."""

    X: Tensor
    y: Tensor
    w: Tensor
    b: Tensor
    batch_size: int

    @property
    def n(self) -> int:
        return len(self.y)


def problem(given: Given, full: int = 3, tail: int = 1) -> Problem:
    """`full` batches of 5 to 7 samples and a batch of `tail`, with targets far from the predictions."""
    d, batch_size = given.integer(3, 5), given.integer(5, 8)
    n = full * batch_size + tail
    X = given.uniform(-1.0, 1.3, n, d)
    y = 1.4 + given.normal(n, std=2.0)
    return Problem(X, y, given.normal(d), given.normal(mean=-0.5), batch_size)


def twins(given: Given, used: int = 0) -> tuple[Generator, Generator]:
    """Two generators in the same state, from which `used` numbers were drawn: one for the student, one to replay."""
    mine, theirs = (Generator().manual_seed(seed) for seed in [given.integer(0, 2**53)] * 2)
    for generator in (mine, theirs):
        torch.rand(used, generator=generator)
    return mine, theirs


def copied(generator: Generator) -> Generator:
    twin = Generator()
    twin.set_state(generator.get_state())
    return twin


# Which samples the batches hold: [2,K] int64, the numbers of the rows in Xb above those in yb.


def kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a Tensor {list(value.shape)} {value.dtype} on {value.device}".replace("torch.", "")
    return f"{value!r}" if callable(value) else "None" if value is None else f"a {type(value).__name__}"


def pairs(value: Any, X: Tensor, y: Tensor) -> list[tuple[Tensor, Tensor]]:
    """What `minibatches` returned as pairs of tensors with the right dimensions and dtypes, or a failure."""
    missing = " (is a `yield` or a `return` missing?)" if value is None else ""
    claim(isinstance(value, list | tuple), f"expected   an iterator of pairs (Xb, yb)\ngot        {kind(value)}{missing}")
    batches = [returned(pair, "Xb", "yb") for pair in value]
    for Xb, yb in batches:
        tensors = isinstance(Xb, Tensor) and isinstance(yb, Tensor)
        fits = tensors and yb.ndim == 1 and Xb.shape == (len(yb), X.shape[1]) and (Xb.dtype, yb.dtype) == (X.dtype, y.dtype)
        fits = fits and (Xb.device, yb.device) == (X.device, y.device)
        wanted = f"Xb [B,{X.shape[1]}] and yb [B] in {X.dtype} on {X.device}".replace("torch.", "")
        claim(fits, f"expected   {wanted}\ngot        {kind(Xb)} and {kind(yb)}", subject=Xb)
    return batches


def drawn(student: Student, p: Problem, generator: Generator, *options: bool, batch_size: int = 0) -> list[tuple[Tensor, Tensor]]:
    """The batches that the student makes of copies of X and y."""
    X, y, size = p.X.clone(), p.y.clone(), batch_size or p.batch_size
    return pairs(student.minibatches(X, y, size, generator, *options), p.X, p.y)


def numbers(rows: Tensor, among: Tensor) -> Tensor:
    """For each of `rows` its number in `among`, −1 where it is none of them."""
    equal = rows.unsqueeze(1) == among
    equal = equal.all(2) if equal.ndim == 3 else equal
    return torch.where(equal.any(1), equal.int().argmax(1), -1).cpu()


def samples(batches: list[tuple[Tensor, Tensor]], p: Problem) -> Tensor:
    Xs = torch.cat([p.X[:0], *(Xb for Xb, _ in batches)])
    ys = torch.cat([p.y[:0], *(yb for _, yb in batches)])
    return torch.stack([numbers(Xs, p.X), numbers(ys, p.y)])


def both(order: Tensor) -> Tensor:
    return torch.stack([order, order])


def sizes(counts: list[int]) -> str:
    return f"batches of {', '.join(map(str, counts))} samples" if counts else "no batch"


def sizes_of(n: int, batch_size: int, drop_last: bool = False) -> list[int]:
    tail = [] if drop_last or n % batch_size == 0 else [n % batch_size]
    return [batch_size] * (n // batch_size) + tail


def assert_sizes(batches: list[tuple[Tensor, Tensor]], n: int, batch_size: int, drop_last: bool = False) -> None:
    """Fail unless the batches have the sizes that they should."""
    got, wanted = sizes([len(yb) for _, yb in batches]), sizes_of(n, batch_size, drop_last)
    whole, parts = torch.arange(n), len(sizes_of(n, batch_size))
    even = {sizes([len(part) for part in split]) for split in (whole.tensor_split(parts), whole.chunk(parts))}
    even -= {sizes(sizes_of(n, batch_size))}
    mistakes = looks_like(
        tail_dropped=sizes(sizes_of(n, batch_size, drop_last=True)),
        drop_last_ignored=sizes(sizes_of(n, batch_size)),
        empty_batch=sizes([*wanted, 0]),
        even_parts=got if got in even else sizes(wanted),
    )
    assert_close(got, sizes(wanted), mistakes)


def orders(given: Given, n: int, batch_size: int, generator: Generator) -> dict[str, Any]:
    """What the known mistakes would draw from `generator`, which is left alone."""
    start = copied(generator)

    def separate() -> Tensor:
        twin = copied(start)
        return torch.stack([torch.randperm(n, generator=twin), torch.randperm(n, generator=twin)])

    def data_loader() -> Tensor:
        twin = copied(start)
        torch.empty((), dtype=torch.int64).random_(generator=twin)
        return both(torch.randperm(n, generator=twin))

    def whole_batches() -> Tensor:
        parts = torch.arange(n).split(batch_size)
        return both(torch.cat([parts[i] for i in torch.randperm(len(parts), generator=copied(start))]))

    right = torch.randperm(n, generator=copied(start))
    return looks_like(
        separate_permutations=separate,
        with_replacement=lambda: both(torch.randint(n, (n,), generator=copied(start))),
        global_generator=lambda: both(torch.randperm(n, generator=given.global_generator())),
        not_shuffled=both(torch.arange(n)),
        inverse_permutation=both(right.argsort()),
        batches_shuffled=whole_batches,
        data_loader=data_loader,
    )


# Descent over given batches, with autograd for the gradients; the arguments make the known mistakes.


def train(student: Student, p: Problem, lr: float, generator: Generator) -> tuple[Any, ...]:
    """One epoch of the student's on copies of X, y, w and b."""
    X, y, w, b = (value.clone() for value in p[:4])
    return returned(student.train_epoch(X, y, w, b, lr, p.batch_size, generator), *NAMES)


def mse(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return ((X @ w + b - y) ** 2).mean()


def gradients(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """By the formula that lesson 1_2 derives, several times faster than autograd: dw [D] and db []."""
    error = X @ w + b - y
    return 2 / len(y) * X.T @ error, 2 * error.mean()


Batches = list[tuple[Tensor, Tensor]]
Epoch = tuple[Tensor, Tensor, list[float], list[float]]


def cut(p: Problem, order: Tensor) -> Batches:
    """The batches of `order`, [N] or [2,N] with an order for X above one for y."""
    of_X, of_y = (order if order.ndim == 2 else both(order)).to(p.X.device)
    return list(zip(p.X[of_X].split(p.batch_size), p.y[of_y].split(p.batch_size), strict=True))


def epoch(p: Problem, batches: Batches, lr: float, times: Callable[[int], float] = lambda size: 1.0, late: bool = False) -> Epoch:
    """The new w and b, and the losses of the batches before and after their updates."""
    w, b, before, after = p.w, p.b, list[float](), list[float]()
    for Xb, yb in batches:
        before.append(float(mse(Xb, yb, w, b)))
        step = lr * times(len(yb))
        dw, db = gradients(Xb, yb, w, b)
        w = w - step * dw
        b = b - step * (gradients(Xb, yb, w, b)[1] if late else db)
        after.append(float(mse(Xb, yb, w, b)))
    return w, b, before, after


def over_samples(batches: Batches, losses: list[float]) -> float:
    """The mean over samples of what are means over batches."""
    return sum(len(yb) * loss for (_, yb), loss in zip(batches, losses, strict=True)) / sum(len(yb) for _, yb in batches)


def trained(p: Problem, lr: float, order: Tensor) -> tuple[Tensor, Tensor, float]:
    """What `train_epoch` returns where the samples come in `order`."""
    batches = cut(p, order)
    w, b, before, _ = epoch(p, batches, lr)
    return w, b, over_samples(batches, before)


def stale(p: Problem, batches: Batches, lr: float) -> tuple[Tensor, Tensor]:
    """Every batch's gradient taken at the start of the epoch."""
    dws, dbs = zip(*(gradients(Xb, yb, p.w, p.b) for Xb, yb in batches), strict=True)
    return p.w - lr * sum(dws), p.b - lr * sum(dbs)


def curve(p: Problem, lr: float, n_epochs: int, generator: Generator, fixed: bool = False) -> tuple[Problem, list[float]]:
    """The losses of `n_epochs` from `p.w`, `p.b`, and the problem with the weights at the end; `fixed` repeats one order."""
    losses: list[float] = []
    order = torch.randperm(p.n, generator=generator) if fixed else None
    for _ in range(n_epochs):
        w, b, loss = trained(p, lr, torch.randperm(p.n, generator=generator) if order is None else order)
        p = p._replace(w=w, b=b)
        losses.append(loss)
    return p, losses


def curves(
    p: Problem, batch_sizes: list[int], lr: float, n_epochs: int, seed: int, carry: str = "", fixed: bool = False
) -> dict[int, list[float]]:
    """The curves of all batch sizes; `carry` names what goes from one run to the next."""
    generator, start, found = Generator(), p._replace(w=torch.zeros_like(p.w), b=torch.zeros_like(p.b)), dict[int, list[float]]()
    generator.manual_seed(seed)
    for batch_size in batch_sizes:
        generator = generator if carry == "generator" else Generator().manual_seed(seed)
        end, found[batch_size] = curve(start._replace(batch_size=batch_size), lr, n_epochs, generator, fixed)
        start = end if carry == "weights" else start
    return found


@check("updates_per_epoch", points=0.5, read=COUNTING)
def test_updates(student: Student, given: Given) -> None:
    """An epoch has ⌈N/B⌉ updates: a smaller last batch counts too"""
    batch_size = given.integer(3, 9)
    full = given.integer(4, 9)
    n = full * batch_size
    assert_close(student.updates_per_epoch(n, batch_size), full, looks_like(one_too_many=full + 1))
    for tail in (1, batch_size - 1):
        mistakes = looks_like(floor_division=full)
        assert_close(student.updates_per_epoch(n + tail, batch_size), full + 1, mistakes)
    assert_close(student.updates_per_epoch(n, 1), n, looks_like(one_too_many=n + 1))
    assert_close(student.updates_per_epoch(n, n + tail), 1, looks_like(floor_division=0))


@check("updates_per_epoch", points=0.5, read=COUNTING)
def test_updates_with_drop_last(student: Student, given: Given) -> None:
    """With drop_last only the full batches count"""
    batch_size = given.integer(3, 9)
    full = given.integer(4, 9)
    n = full * batch_size
    for tail in (1, batch_size - 1):
        mistakes = looks_like(drop_last_ignored=full + 1)
        assert_close(student.updates_per_epoch(n + tail, batch_size, drop_last=True), full, mistakes)
    assert_close(student.updates_per_epoch(n, batch_size, True), full, looks_like(one_too_many=full + 1))
    assert_close(student.updates_per_epoch(n, n + 2, True), 0, looks_like(at_least_one=1))


@check("minibatches", points=0.5, read=READING)
def test_batches_in_order(student: Student, given: Given) -> None:
    """Without shuffling the samples keep their order, to the last one"""
    for p in (problem(given, full=2, tail=1), problem(given, full=3, tail=0), problem(given, full=3)):
        mine, theirs = twins(given, used=3)
        with unchanged("drawn_in_vain", generator=mine):
            batches = drawn(student, p, mine, False)
            assert_sizes(batches, p.n, p.batch_size)
            mistakes = looks_like(shuffle_ignored=both(torch.randperm(p.n, generator=theirs)))
            assert_close(samples(batches, p), both(torch.arange(p.n)), mistakes, name="the samples in Xb, in yb")
    larger = drawn(student, p, mine, False, batch_size=p.n + 2)
    assert_sizes(larger, p.n, p.n + 2)
    assert_close(larger, [(p.X, p.y)])


@check("minibatches", points=0.5, read=READING)
def test_every_sample_once(student: Student, given: Given) -> None:
    """In a shuffled epoch every sample comes once, with its own target"""
    p = problem(given)
    mine, _ = twins(given)
    batches = drawn(student, p, mine)
    largest = max((len(yb) for _, yb in batches), default=0)
    claim(largest <= p.batch_size, f"expected   at most {p.batch_size} samples in a batch\ngot        {largest}")
    of_X, of_y = found = samples(batches, p)
    count, foreign = found.shape[1], int((found < 0).sum())
    claim(foreign == 0, f"expected   rows of X and entries of y\ngot        {foreign} that are none of them")
    dropped = "tail_dropped" if count == p.n // p.batch_size * p.batch_size else None
    claim(count == p.n, f"expected   {p.n} samples in all batches together\ngot        {count}", looks_like=dropped)
    for name, numbers in (("X", of_X), ("y", of_y)):
        absent = p.n - len(numbers.unique())
        facts = f"expected   each of the {p.n} entries of {name} once\ngot        {absent} of them never, others more than once"
        claim(absent == 0, facts, looks_like="with_replacement")
    apart = int((of_X != of_y).sum())
    claim(
        apart == 0,
        f"expected   every row of X beside its own target\ngot        {apart} of {p.n} beside another's",
        looks_like="separate_permutations",
    )


@check("minibatches", points=1, read=READING)
def test_shuffled_batches(student: Student, given: Given) -> None:
    """The order is one torch.randperm from the generator, as it comes"""
    for p, used in ((problem(given, full=7, tail=0), 0), (problem(given, full=2, tail=2), 7)):
        mine, theirs = twins(given, used)
        mistakes = orders(given, p.n, p.batch_size, theirs)
        batches = drawn(student, p, mine)
        assert_sizes(batches, p.n, p.batch_size)
        order = torch.randperm(p.n, generator=theirs)
        name = f"the samples in Xb, in yb; expected is torch.randperm({p.n}, generator=generator)"
        assert_close(samples(batches, p), both(order), mistakes, name=name)
    larger = drawn(student, p, mine, True, batch_size=p.n + 2)
    assert_sizes(larger, p.n, p.n + 2)
    assert_close(samples(larger, p), both(torch.randperm(p.n, generator=theirs)), name=name)


@check("minibatches", points=0.5, read=READING)
def test_every_epoch_anew(student: Student, given: Given) -> None:
    """Every epoch has a permutation of its own, from the same generator"""
    p = problem(given, full=7)
    mine, theirs = twins(given, used=5)
    found = [samples(drawn(student, p, mine), p) for _ in range(3)]
    for i, other in enumerate((found[1], found[0], found[1])):
        mistakes = looks_like(same_permutation=other, not_shuffled=both(torch.arange(p.n)))
        order = torch.randperm(p.n, generator=theirs)
        name = f"the samples in Xb, in yb, in epoch {i + 1}; expected is randperm number {i + 1} of the generator"
        assert_close(found[i], both(order), mistakes, name=name)


@check("minibatches", points=0.5, read=READING)
def test_drop_last(student: Student, given: Given) -> None:
    """With drop_last all batches are full, and what is left over waits"""
    p = problem(given)
    mine, theirs = twins(given)
    batches = pairs(student.minibatches(p.X.clone(), p.y.clone(), p.batch_size, mine, drop_last=True), p.X, p.y)
    assert_sizes(batches, p.n, p.batch_size, drop_last=True)
    kept = torch.randperm(p.n, generator=theirs)[: p.n // p.batch_size * p.batch_size]
    assert_close(samples(batches, p), both(kept), name="the samples in Xb, in yb")
    assert_sizes(drawn(student, p, mine, True, True, batch_size=p.n + 2), p.n, p.n + 2, drop_last=True)
    even = problem(given, tail=0)
    assert_sizes(drawn(student, even, mine, False, True), even.n, even.batch_size, drop_last=True)


@check("train_epoch", points=1, read=READING)
def test_epoch_updates(student: Student, given: Given) -> None:
    """One update per batch, along the mean gradient of that batch"""
    p, lr = problem(given, full=6), given.number(0.03, 0.1)
    mine, theirs = twins(given, used=2)
    w, b, _ = train(student, p, lr, mine)
    wrong = orders(given, p.n, p.batch_size, theirs)
    batches = cut(p, torch.randperm(p.n, generator=theirs))

    def over(order: Tensor | Callable[[], Tensor]) -> Callable[[], tuple[Tensor, Tensor]]:
        return lambda: epoch(p, cut(p, order() if callable(order) else order), lr)[:2]

    mistakes = looks_like(
        divided_by_n=lambda: epoch(p, batches, lr, lambda size: size / p.n)[:2],
        divided_by_batch_size=lambda: epoch(p, batches, lr, lambda size: size / p.batch_size)[:2],
        sum_not_mean=lambda: epoch(p, batches, lr, lambda size: size)[:2],
        no_factor_2=lambda: epoch(p, batches, lr / 2)[:2],
        uphill=lambda: epoch(p, batches, -lr)[:2],
        late_bias=lambda: epoch(p, batches, lr, late=True)[:2],
        stale_weights=lambda: stale(p, batches, lr),
        one_update=lambda: epoch(p, [(p.X, p.y)], lr)[:2],
        tail_dropped=lambda: epoch(p, batches[:-1], lr)[:2],
        **{name: over(order) for name, order in wrong.items() if name != "batches_shuffled"},
    )
    assert_close((w, b), epoch(p, batches, lr)[:2], mistakes, name=NAMES[:2])


@check("train_epoch", points=1, read=READING)
def test_epoch_loss(student: Student, given: Given) -> None:
    """The epoch loss: mean over samples, each seen before its update"""
    p, lr = problem(given), given.number(0.03, 0.1)
    mine, theirs = twins(given, used=2)
    _, _, loss = train(student, p, lr, mine)
    claim(
        not isinstance(loss, Tensor),
        f"expected   a Python float\ngot        {kind(loss)}",
        subject=loss,
        looks_like="kept_tensor",
    )
    batches = cut(p, torch.randperm(p.n, generator=theirs))
    w, b, before, after = epoch(p, batches, lr)
    mistakes = looks_like(
        mean_of_means=sum(before) / len(before),
        logged_late=over_samples(batches, after),
        loss_at_end=float(mse(p.X, p.y, w, b)),
        loss_at_start=float(mse(p.X, p.y, p.w, p.b)),
        last_batch=before[-1],
        loss_summed=over_samples(batches, before) * p.n,
        tail_as_full=sum(before) * p.batch_size / p.n,
    )
    assert_close(loss, over_samples(batches, before), mistakes, name="epoch_loss")


@check("train_epoch", points=0.5, read=READING)
def test_epochs_in_a_row(student: Student, given: Given) -> None:
    """The next epoch goes on with the generator where this one left it"""
    p, lr = problem(given), given.number(0.03, 0.1)
    mine, theirs = twins(given, used=4)
    epochs = [torch.randperm(p.n, generator=theirs) for _ in range(3)]
    for order in epochs:
        expected = trained(p, lr, order)
        assert_close(
            train(student, p, lr, mine), expected, looks_like(same_permutation=partial(trained, p, lr, epochs[0])), name=NAMES
        )
        p = p._replace(w=expected[0], b=expected[1])


@check("train_epoch", points=0.5, soundness="observation")
def test_epoch_is_pure(student: Student, given: Given) -> None:
    """Batches and epoch leave X, y, w and b as they were"""
    p = problem(given)
    mine, _ = twins(given)
    with unchanged("in_place", X=p.X, y=p.y, w=p.w, b=p.b):
        student.minibatches(p.X, p.y, p.batch_size, mine)
        w, b, _ = returned(student.train_epoch(p.X, p.y, p.w, p.b, 0.05, p.batch_size, mine), *NAMES)
    for name, new, old in (("w", w, p.w), ("b", b, p.b)):
        same_kind = isinstance(new, Tensor) and (new.shape, new.device) == (old.shape, old.device)
        moved = same_kind and bool(new.any()) and not torch.equal(new, old)
        claim(moved, f"expected   a new {name} {list(old.shape)}\ngot        the old one, zeros, or {kind(new)}", subject=new)


@check("train_epoch", points=0.5, read=READING)
def test_by_hand(student: Student, given: Given) -> None:
    """The gradients are written by hand, without autograd"""
    p = problem(given)
    mine, theirs = twins(given)
    functions = ["minibatches", "train_epoch", "compare_batch_sizes"]
    why = "A batch's gradient is the one you derived in lesson 1_2, over fewer samples; writing it shows where |B| belongs."
    with banned(student, *AUTOGRAD, "torch.optim", functions=functions, why=why, mistake="autograd_by_hand"):
        got = train(student, p, 0.05, mine)
    assert_close(got, trained(p, 0.05, torch.randperm(p.n, generator=theirs)), name=NAMES)


@check("minibatches", points=0.5)
def test_device_and_dtype(student: Student, given: Given) -> None:
    """Batches and updates are where the inputs are, in their dtype"""
    p = problem(given)
    mine, theirs = twins(given)
    single = Problem(p.X.float(), p.y.float(), p.w.float(), p.b.float(), p.batch_size)
    order = torch.randperm(p.n, generator=theirs)
    assert_close(drawn(student, single, mine), cut(single, order))
    assert_close(
        train(student, single, 0.05, mine)[:2], trained(single, 0.05, torch.randperm(p.n, generator=theirs))[:2], name=NAMES[:2]
    )

    def parts(X: Tensor, y: Tensor) -> list[Tensor]:
        return [part for pair in pairs(student.minibatches(X, y, p.batch_size, mine), X, y) for part in pair]

    assert_follows_device(parts, p.X, p.y)
    assert_follows_device(student.train_epoch, *p[:4], 0.05, p.batch_size, mine)


@check("compare_batch_sizes", points=1.5, read=READING)
def test_comparison(student: Student, given: Given) -> None:
    """Every run: from zeros, a fresh generator of the seed, all epochs"""
    p, lr, seed, n_epochs = problem(given, full=2), given.number(0.02, 0.06), given.integer(1, 2**40), 3
    batch_sizes = [p.batch_size, 1, p.n, p.n + 3]
    passed_in = list(batch_sizes)
    with unchanged("in_place", X=p.X, y=p.y), in_place(passed_in):
        got = student.compare_batch_sizes(p.X, p.y, passed_in, lr, n_epochs, seed)
    left = f"expected   batch_sizes left as {batch_sizes}\ngot        {passed_in}"
    claim(passed_in == batch_sizes, left, looks_like="in_place")
    mistakes = looks_like(
        generator_carried=lambda: curves(p, batch_sizes, lr, n_epochs, seed, carry="generator"),
        weights_carried=lambda: curves(p, batch_sizes, lr, n_epochs, seed, carry="weights"),
        reseeded=lambda: curves(p, batch_sizes, lr, n_epochs, seed, fixed=True),
    )
    expected = curves(p, batch_sizes, lr, n_epochs, seed)
    if isinstance(got, dict) and got.keys() == expected.keys():
        for batch_size, losses in got.items():
            assert_floats(losses, n_epochs, name=f"the losses of batch size {batch_size}", mistake="kept_tensor")
    assert_close(got, expected, mistakes)


@check("compare_batch_sizes", points=0.5)
def test_comparison_without_epochs(student: Student, given: Given) -> None:
    """No epochs give an empty list per batch size, one epoch one loss"""
    p, seed = problem(given, full=2), given.integer(1, 2**40)
    batch_sizes = [p.batch_size, p.n]
    assert_close(student.compare_batch_sizes(p.X, p.y, batch_sizes, 0.05, 0, seed), {p.batch_size: [], p.n: []})
    assert_close(student.compare_batch_sizes(p.X, p.y, batch_sizes, 0.05, 1, seed), curves(p, batch_sizes, 0.05, 1, seed))
