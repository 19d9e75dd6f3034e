"""The vocabulary: what each verb accepts, refuses and says."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import grader
from grader import (
    AUTOGRAD,
    Given,
    Student,
    assert_answers,
    assert_close,
    assert_converges,
    assert_detached,
    assert_differentiable,
    assert_floats,
    assert_follows_device,
    assert_mean,
    assert_raises,
    autograd,
    banned,
    check,
    claim,
    looks_like,
    returned,
    unchanged,
)
from grader.checks.compare import TOLERANCES
from grader.desk import Desk
from grader.lesson import BadLesson
from grader.quiz import seal
from grader.verdict import CheckFailed

V = torch.tensor([1.5, -2.0, 3.25], dtype=torch.float64)
M = torch.tensor([[1.0, 2.0], [3.0, 4.5]], dtype=torch.float64)


def failure(call: Callable[[], object]) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        call()
    return caught.value


@pytest.fixture
def student(tmp_path: Path) -> Callable[[str], Student]:
    def make(source: str) -> Student:
        path = tmp_path / "answer.py"
        path.write_text(source, encoding="utf-8")
        return Student(Desk(path, 10))

    return make


def test_every_word_of_the_vocabulary_is_documented() -> None:
    assert all(getattr(grader, name).__doc__ for name in grader.__all__ if callable(getattr(grader, name)))


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (V + 1e-11, V),
        ((V, 2.0), (V, 2.0)),
        ([V, 2.0], (V, 2.0)),
        ({"a": V}, {"a": V}),
        (3, 3),
        (None, None),
        ("a", "a"),
        ([], []),
        (torch.empty(0), torch.empty(0)),
        (torch.tensor([1, 2]), torch.tensor([1, 2])),
        ([1e-30, 1.0], [0.0, 1.0]),
        (torch.tensor(float("inf")), torch.tensor(float("inf"))),
        (float("inf"), float("inf")),
    ],
)
def test_what_agrees(got: object, expected: object) -> None:
    assert_close(got, expected)


@pytest.mark.parametrize(
    ("got", "expected", "facts"),
    [
        (None, V, "None (is a `return` missing?)"),
        (2.0, V, "a float"),
        (V[:, None], V, "expected   the shape [3]\ngot        [3,1]"),
        (V.float(), V, "expected   the dtype float64, as the inputs have it\ngot        float32"),
        (V.float().double() * (1 + 1e-8), V, "a detour through float32 does that"),
        (V * math.nan, V, "3 of 3 entries are NaN or infinite"),
        (V / 2, V, "every entry is 0.5 times the expected one"),
        (-V, V, "the sign is reversed"),
        (V + 1, V, "every entry is off by +1"),
        (V.flip(0), V, "the numbers are right, their order is not"),
        (M.T, M, "it is the transpose of the expected one"),
        (V * 0, V, "every entry is 0"),
        (V + 1e-9, V, "1.50000000100"),
        (torch.tensor([1, 3]), torch.tensor([1, 2]), "1 of 2 entries are wrong"),
        (1.0, 2, "expected   2\ngot        1.0000, a float"),
        (True, 1, "True, a bool"),
        (1, True, "1, an int"),
        (2, 2.0, "expected   2.0000, a Python float\ngot        an int"),
        (torch.tensor(2.0), 2.0, "a Python float\ngot        a Tensor [] float32"),
        (math.nan, 2.0, "nan"),
        (4.0, 2.0, "it is 2 times the expected one"),
        ([1.0, 2.0], [1.0, 2.5], "the first wrong entry is [1]: expected 2.5, got 2"),
        ([1.0], [1.0, 2.5], "expected   2 items\ngot        1"),
        ((V, V), (V, 2 * V), "every entry is 0.5 times"),
        ({"a": V}, {"b": V}, "expected   the keys ['b']\ngot        ['a']"),
        (V, {"b": V}, "a dict with the keys ['b']"),
        (V, [V], "expected   a list of 1"),
        ("b", "a", "expected   'a'\ngot        'b'"),
    ],
)
def test_what_differs_and_how_it_is_told(got: object, expected: object, facts: str) -> None:
    assert facts in failure(lambda: assert_close(got, expected)).facts


@pytest.mark.parametrize("dtype", TOLERANCES)
def test_tolerances_hold_by_dtype(dtype: torch.dtype) -> None:
    expected = torch.tensor([0.5, -2.0], dtype=dtype)
    near = (expected.double() * (1 + TOLERANCES[dtype] / 3)).to(dtype)
    assert_close(near, expected)
    failure(lambda: assert_close((expected.double() * (1 + 4 * TOLERANCES[dtype])).to(dtype), expected))


def test_floats_follow_the_dtype_under_test() -> None:
    from grader.run import prepared

    on_mps = Given(1)
    on_mps.dtype = torch.float32
    with prepared(on_mps):
        assert_close(1.0 + 1e-6, 1.0)
        assert_close([1.0 + 1e-6, 2.0], [1.0, 2.0])
    failure(lambda: assert_close(1.0 + 1e-6, 1.0))


def test_a_single_number_has_a_ratio_only_where_it_is_simple() -> None:
    assert "it is 0.25 times" in failure(lambda: assert_close(0.5, 2.0)).facts
    assert "times" not in failure(lambda: assert_close(0.7, 2.0)).facts


def test_the_parts_of_a_tuple_have_names() -> None:
    assert failure(lambda: assert_close((V, [1.0]), (V, [2.0]), name=("w", "losses"))).name == "losses"
    assert failure(lambda: assert_close((V, [M]), (V, [2 * M]), name=("w", "losses"))).name == "losses[0]"
    assert failure(lambda: assert_close(V, (V, [2.0]), name=("w", "losses"))).name == "(w, losses)"
    assert failure(lambda: assert_close(V, 2 * V, name="dw")).name == "dw"


def test_a_diagnosis_needs_exactly_one_mistake_that_fits() -> None:
    halved = looks_like(half=V / 2, other=V * 3)
    assert failure(lambda: assert_close(V / 2, V, halved)).diagnosis == "half"
    assert failure(lambda: assert_close(V / 4, V, halved)).diagnosis is None
    assert failure(lambda: assert_close(V / 2, V, looks_like(a=V / 2, b=lambda: V / 2))).diagnosis is None
    assert failure(lambda: assert_close(V / 2, V, looks_like(half=lambda: V / 2, same=V))).diagnosis == "half"
    assert failure(lambda: assert_close(V[:, None], V, looks_like(column=V[:, None]))).diagnosis == "column"
    assert failure(lambda: assert_close((V, 1.0), (V, 2.0), looks_like(one=(V, 1.0)))).diagnosis == "one"


def test_claim() -> None:
    claim(True, "never said")
    assert failure(lambda: claim(False, "said", looks_like="x")).diagnosis == "x"


def test_returned() -> None:
    assert returned([1, 2], "a", "b") == (1, 2)
    assert "expected   2 values: a, b\ngot        3 values" in failure(lambda: returned((1, 2, 3), "a", "b")).facts
    assert "None (is a `return` missing?)" in failure(lambda: returned(None, "a", "b")).facts
    assert "a Tensor [2]" in failure(lambda: returned(torch.ones(2), "a", "b")).facts


def test_detached_and_floats() -> None:
    assert_detached(w=V, n=3)
    error = failure(lambda: assert_detached("kept", w=V.clone().requires_grad_()))
    assert (error.name, error.diagnosis) == ("w", "kept")
    assert_floats([1.0, math.nan], 2)
    assert failure(lambda: assert_floats([1.0, torch.tensor(1.0)], 2, mistake="tensors")).diagnosis == "tensors"
    assert failure(lambda: assert_floats([1.0, 1], 2, mistake="tensors")).diagnosis is None
    assert "expected   2 entries\ngot        1" in failure(lambda: assert_floats([1.0], 2)).facts
    assert "got        None" in failure(lambda: assert_floats(None, 2)).facts


def test_raises(student: Callable[[str], Student]) -> None:
    mine = student(
        "def named(n):\n    raise ValueError(f'unknown {n}, one of a, b')\ndef other():\n    raise KeyError('x')\ndef silent():\n    return 3\n"
    )
    assert_raises(ValueError, lambda: mine.named("c"), "a, b")
    assert "whose text contains zebra" in failure(lambda: assert_raises(ValueError, lambda: mine.named("c"), "zebra")).facts
    assert "KeyError in line 4" in failure(lambda: assert_raises(ValueError, lambda: mine.other())).facts
    assert "expected   a ValueError\ngot        3" in failure(lambda: assert_raises(ValueError, lambda: mine.silent())).facts


def test_converges() -> None:
    assert_converges([3.0, 1.0, 0.1], below=0.2, within=3)
    facts = failure(lambda: assert_converges([3.0, 1.0, 0.1], below=0.2, within=2)).facts
    assert facts == "expected   a loss of at most 0.2 within 2 steps\ngot        1 at best, 1 at the end"
    assert "nan at best" in failure(lambda: assert_converges([math.nan], below=1, within=1)).facts
    for nothing in (None, [], [torch.tensor(0.1)]):
        failure(lambda nothing=nothing: assert_converges(nothing, below=1, within=1))


def test_mean_of_draws() -> None:
    draws = torch.randn(10_000, generator=torch.Generator().manual_seed(3))
    assert_mean(draws, 0.0, 1.0)
    assert "over 10000 kept" in failure(lambda: assert_mean(draws + 0.06, 0.0, 1.0, name="kept")).facts
    failure(lambda: assert_mean(draws * math.nan, 0.0, 1.0))


def test_unchanged() -> None:
    x, items, generator = V.clone(), [V.clone()], torch.Generator().manual_seed(1)
    with unchanged(x=x, items=items, generator=generator):
        _ = x + 1

    def writes(write: Callable[[], object], **values: object) -> CheckFailed:
        def block() -> None:
            with unchanged("impure", **values):
                write()

        return failure(block)

    assert writes(lambda: x.add_(1), x=x).diagnosis == "impure"
    assert "set back afterwards" in writes(lambda: (x.add_(1), x.sub_(1)), x=x).facts
    assert writes(lambda: items[0].add_(1), items=items).name == "items"
    assert "largest change 0.25" in writes(lambda: x.add_(0.25), x=x).facts
    assert "2 items, there were 1" in writes(lambda: items.append(V), items=items).facts
    assert "numbers were drawn" in writes(lambda: torch.rand(1, generator=generator), generator=generator).facts
    assert "requires_grad is now True" in writes(lambda: x.requires_grad_(), x=x).facts
    with pytest.raises(TypeError), unchanged(n=3):
        pass


def test_differentiable(student: Callable[[str], Student]) -> None:
    mine = student(
        "def right(a, b):\n    return a * b\ndef half(a, b):\n    return a * b / 2\ndef cut(a, b):\n    return (a * b).detach()\n"
        "def only(a, b):\n    return a * b.detach()\ndef short(a, b):\n    return (a * b)[:1]\ndef number(a, b):\n    return 1.0\n"
    )
    a, b, up = V, V.flip(0), torch.tensor([0.3, 0.7, -1.1], dtype=torch.float64)

    def oracle(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return a * b

    assert_differentiable(mine.right, oracle, up, a, b)
    halves = looks_like(halved=(up * b / 2, up * a / 2))
    assert failure(lambda: assert_differentiable(mine.half, oracle, up, a, b, mistakes=halves)).diagnosis == "halved"
    assert "no history" in failure(lambda: assert_differentiable(mine.cut, oracle, up, a, b)).facts
    assert "with respect to argument 2" in failure(lambda: assert_differentiable(mine.only, oracle, up, a, b)).facts
    assert "returned the shape [1]" in failure(lambda: assert_differentiable(mine.short, oracle, up, a, b)).facts
    assert "returned a float" in failure(lambda: assert_differentiable(mine.number, oracle, up, a, b)).facts


def test_autograd_oracle() -> None:
    (da,) = autograd(lambda a: (a**3).sum(), V)
    assert torch.allclose(da, 3 * V**2)


def test_follows_device(student: Callable[[str], Student]) -> None:
    mine = student(
        "import torch\ndef right(a):\n    return a.new_zeros(3) + a\ndef fixed(a):\n    return a + torch.zeros(3)\n"
        "def lost(a):\n    return torch.ones(3)\ndef asks(a):\n    return torch.tensor([a.sum().item()])\ndef wrong(a):\n    return a.nope\n"
    )
    assert_follows_device(mine.right, V)
    assert_follows_device(mine.asks, V)
    assert "different devices" in failure(lambda: assert_follows_device(mine.fixed, V)).facts
    assert "got        one on `cpu`" in failure(lambda: assert_follows_device(mine.lost, V)).facts
    assert "AttributeError" in failure(lambda: assert_follows_device(mine.wrong, V)).facts


BANNED_SOURCES = {
    "method": "def f(x):\n    x.requires_grad_(); (x * x).sum().backward(); return x.grad\n",
    "module": "import torch\ndef f(x):\n    return torch.autograd.grad((x * x).sum(), x)\n",
    "from": "from torch.autograd import grad\ndef f(x):\n    return grad(x, x)\n",
    "alias": "from torch import autograd as a\ndef f(x):\n    return a.grad(x, x)\n",
    "renamed": "import torch as t\ng = t.func.grad\ndef f(x):\n    return g(sum)(x)\n",
    "getattr": "import torch\ndef f(x):\n    return getattr(torch.autograd, 'grad')(x, x)\n",
    "helper": "import torch\ndef h(x):\n    return torch.func.grad(sum)(x)\ndef f(x):\n    return h(x)\n",
    "run time": "import torch\ng = vars(torch.autograd)\ndef f(x):\n    return g['gra' + 'd'](x, x)\n",
    "run time method": "def f(x):\n    return getattr(x, 'back' + 'ward')()\n",
}


@pytest.mark.parametrize("name", BANNED_SOURCES)
def test_a_ban_is_found_in_the_text_or_at_run_time(student: Callable[[str], Student], name: str) -> None:
    mine = student(BANNED_SOURCES[name])

    def block() -> None:
        with banned(mine, *AUTOGRAD, functions=["f"], why="Because.", mistake="delegated"):
            mine.f(V)

    error = failure(block)
    assert error.facts.endswith("Because.")
    assert error.diagnosis == "delegated"
    assert error.line is not None


def test_a_ban_spares_other_functions_and_ends_with_its_block(student: Callable[[str], Student]) -> None:
    source = (
        "import torch\ndef f(x):\n    with torch.no_grad():\n        return 2 * x\n"
        "def g(x):\n    x.requires_grad_(); (x * x).sum().backward(); return x.grad\n"
    )
    mine = student(source)
    with banned(mine, *AUTOGRAD, "torch.optim", functions=["f"], why="Because."):
        mine.f(V)
        (da,) = autograd(lambda a: (a * a).sum(), V)  # the check itself may use what is banned
    assert torch.equal(mine.g(V.clone()), 2 * V)
    assert torch.equal(da, 2 * V)


def test_a_banned_class_and_function_of_a_module(student: Callable[[str], Student]) -> None:
    mine = student("import importlib\ndef f(x):\n    return importlib.import_module('torch.' + 'optim').SGD([x], 0.1)\n")

    def block() -> None:
        with banned(mine, "torch.optim", functions=["f"], why="Because."):
            mine.f(V)

    assert "`torch.optim.SGD` was called in line 3" in failure(block).facts


def test_answers() -> None:
    sealed = {"q1": seal("9_9", "q1", "a"), "q2": seal("9_9", "q2", "c")}
    assert_answers({"q1": "a", "q2": "c"}, "9_9", sealed)
    assert failure(lambda: assert_answers({"q1": "a", "q2": "b"}, "9_9", sealed)).facts.endswith("wrong: q2")
    assert "none to q2" in failure(lambda: assert_answers({"q1": "a"}, "9_9", sealed)).facts
    assert "'C' for q2" in failure(lambda: assert_answers({"q1": "a", "q2": "C"}, "9_9", sealed)).facts
    assert "got        None" in failure(lambda: assert_answers(None, "9_9", sealed)).facts


def test_given_is_reproducible_and_without_coincidences() -> None:
    a, b, c = Given(1), Given(1), Given(2)
    assert torch.equal(a.normal(5), b.normal(5))
    assert not torch.equal(a.normal(5), c.normal(5))
    assert a.normal(50, 40).abs().min() >= 0.05
    assert a.normal().ndim == 0
    assert a.normal(2).dtype == torch.float64
    sizes = a.sizes(5, low=3, high=9)
    assert len(set(sizes)) == 5
    assert all(3 <= size < 9 for size in sizes)
    assert 0.2 <= a.number(0.2, 0.3) < 0.3
    assert a.uniform(2.0, 3.0, 100).min() >= 2
    assert set(a.integers(0, 3, 100).tolist()) == {0, 1, 2}
    assert sorted(a.permutation(6).tolist()) == list(range(6))
    x, y = a.line(2000, 2.0, 1.0)
    assert torch.allclose(y, 2 * x + 1)
    assert not torch.equal(torch.rand(3, generator=a.generator()), torch.rand(3, generator=a.generator()))


def test_the_global_generator_can_be_replayed() -> None:
    from grader.run import prepared

    given = Given(5)
    with prepared(given):
        used = torch.randperm(10)
    assert torch.equal(used, torch.randperm(10, generator=given.global_generator()))


@pytest.mark.parametrize("docstring", [None, "", "x" * 71])
def test_a_check_needs_a_title(docstring: str | None) -> None:
    def test_something(student: Student, given: Given) -> None: ...

    test_something.__doc__ = docstring
    with pytest.raises(BadLesson, match="test_something: the docstring is the title"):
        check("f", points=1)(test_something)
