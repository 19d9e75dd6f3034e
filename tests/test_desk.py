"""A student's accidents: each is a clear verdict, and the next check starts from a clean state."""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from grader.deadline import Deadline
from grader.desk import Desk
from grader.explain import explain
from grader.face import Face, Handle, Student
from grader.isolation.proxy import Proxy
from grader.plain import in_place
from grader.verdict import CannotLoad, CheckFailed, DeadlineExceeded, StillToDo, StudentError

DOUBLE = "def double(x):\n    return 2 * x\n"
Make = Callable[..., Face]
FACES = ["desk", pytest.param("isolated", marks=pytest.mark.skipif(sys.platform != "linux", reason="isolation needs Linux"))]


@pytest.fixture(params=FACES)
def at(request: pytest.FixtureRequest) -> Iterator[Callable[[Path, float], Face]]:
    """Makes a face of a file: on the desk, and isolated."""
    made: list[Face] = []

    def make(path: Path, seconds: float) -> Face:
        isolated = request.param == "isolated"
        made.append(Proxy(path, seconds, request.getfixturevalue("warm")) if isolated else Desk(path, seconds))
        return made[-1]

    yield make
    for face in made:
        face.close()


@pytest.fixture
def desk(tmp_path: Path, at: Callable[[Path, float], Face]) -> Make:
    """A face of the given text as the student's file."""

    def make(source: str | bytes, seconds: float = 10.0) -> Face:
        path = tmp_path / "answer.py"
        path.write_bytes(source.encode() if isinstance(source, str) else source)
        return at(path, seconds)

    return make


def failure(desk: Face, *args: object, name: str = "double") -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        getattr(Student(desk), name)(*args)
    return caught.value


X = torch.tensor([1.5, 2.5])


@pytest.mark.parametrize(
    ("source", "facts", "line"),
    [
        ("def double(x)\n    return x\n", "SyntaxError in line 1: expected ':'", 1),
        ("def double(x):\nreturn x\n", "IndentationError in line 2", 2),
        ("return 1\n", "SyntaxError in line 1: 'return' outside function", 1),
        ("", "answer.py is empty", None),
        ("  \n\n", "answer.py is empty", None),
        (b"# caf\xe9\ndef double(x): return x\n", "answer.py is not UTF-8: byte 0xe9 in line 1", 1),
        (b"a = 1\n\0", "null bytes", None),
        ("import no_such_module\n" + DOUBLE, "ModuleNotFoundError in line 1: No module named 'no_such_module'", 1),
        ("x = 1\ny = x / 0\n", "ZeroDivisionError in line 2: division by zero", 2),
        ("exit()\n", "SystemExit in line 1", 1),
        ("x = 1\nwhile True:\n    x += 1\n", "Stopped after 0.3 s in line", None),
        ("#" * 1_000_001, "a submission has at most 1,000,000", None),
    ],
)
def test_a_file_that_gives_no_module(desk: Make, source: str | bytes, facts: str, line: int | None) -> None:
    error = failure(desk(source, seconds=0.3), X)
    assert isinstance(error, CannotLoad)
    assert facts in error.facts
    assert line is None or error.line == line


def test_a_byte_order_mark_is_no_fault(desk: Make) -> None:
    assert torch.equal(Student(desk(b"\xef\xbb\xbf" + DOUBLE.encode())).double(X), 2 * X)


def test_a_folder_and_a_missing_file(tmp_path: Path, at: Callable[[Path, float], Face]) -> None:
    assert "is a folder" in failure(at(tmp_path, 1), X).facts
    assert "There is no file absent.py" in failure(at(tmp_path / "absent.py", 1), X).facts


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links and named pipes")
def test_a_dangling_link_and_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link.py").symlink_to(tmp_path / "nowhere.py")
    os.mkfifo(tmp_path / "pipe.py")
    assert "does not exist" in failure(Desk(tmp_path / "link.py", 1), X).facts
    assert "not a regular file" in failure(Desk(tmp_path / "pipe.py", 1), X).facts


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        ("def duble(x):\n    return 2 * x\n", "There is no function `double` in answer.py. Did you mean to name `duble` so?"),
        ("def Double(x):\n    return 2 * x\n", "Did you mean to name `Double` so?"),
        ("def other(x):\n    return x\n", "There is no function `double` in answer.py."),
        ("double = 3\n", "`double` is an int in answer.py, a function is expected."),
        ("def double(x, y):\n    return x\n", "missing 1 required positional argument: 'y'.\nYours is `double(x, y)`."),
        ("def double():\n    return 1\n", "takes 0 positional arguments but 1 was given.\nYours is `double()`."),
        (
            "def double(x):\n    return x.nothing\n",
            "AttributeError in line 2: 'Tensor' object has no attribute 'nothing'\n    return x.nothing",
        ),
        ("def double(x):\n    return double(x)\n", "RecursionError in line 2"),
        ("def double(x):\n    raise SystemExit(0)\n", "SystemExit in line 2"),
        ("import pytest\ndef double(x):\n    pytest.skip('no')\n", "Skipped in line 3"),
        (
            "class E(Exception):\n    def __str__(self): raise ValueError\ndef double(x):\n    raise E\n",
            "its message cannot be shown",
        ),
    ],
)
def test_a_call_that_fails(desk: Make, source: str, facts: str) -> None:
    error = failure(desk(source), X)
    assert isinstance(error, StudentError)
    assert facts in error.facts


def test_the_stub_is_to_do_and_another_not_implemented_is_not(desk: Make) -> None:
    assert isinstance(failure(desk("def double(x):\n    raise NotImplementedError('double is still to do')\n"), X), StillToDo)
    assert not isinstance(failure(desk("def double(x):\n    raise NotImplementedError\n"), X), StillToDo)


@pytest.mark.parametrize(
    "loop", ["pass", "try:\n            1 / 0\n        except Exception:\n            pass", "import time; time.sleep(60)"]
)
def test_an_endless_loop_ends_at_the_deadline(desk: Make, loop: str) -> None:
    started = time.monotonic()
    error = failure(desk(f"def double(x):\n    while True:\n        {loop}\n", seconds=0.2), X)
    assert "Stopped after 0.2 s in line" in error.facts
    assert time.monotonic() - started < 5


def test_a_loop_that_swallows_everything_is_stopped_at_the_second_try(desk: Make) -> None:
    source = "def double(x):\n    while x is not None:\n        try:\n            while True: pass\n        except BaseException:\n            x = None\n    while True: pass\n"
    assert "Stopped after" in failure(desk(source, seconds=0.2), X).facts


def test_the_deadline_is_a_budget_for_all_calls(desk: Make) -> None:
    student = Student(desk("import time\ndef double(x):\n    time.sleep(0.25)\n    return x\n", seconds=0.6))
    student.double(X)
    student.double(X)
    with pytest.raises(StudentError, match="Stopped"):
        student.double(X)


def test_the_deadline_works_outside_the_main_thread() -> None:
    caught: list[BaseException] = []

    def endless() -> None:
        try:
            with Deadline(0.2).running():
                while True:
                    pass
        except DeadlineExceeded as error:
            caught.append(error)

    thread = threading.Thread(target=endless)
    thread.start()
    thread.join(10)
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("torch.set_default_dtype(torch.float64)", "torch's default dtype"),
        ("torch.set_default_device('meta')", "torch's default device"),
        ("torch.set_grad_enabled(False)", "torch's gradient mode"),
        ("torch.set_num_threads(torch.get_num_threads() + 1)", "torch's number of threads"),
        ("torch.manual_seed(0)", "the seed of torch's global generator"),
        ("os.chdir('/')", "the working folder"),
        ("warnings.simplefilter('ignore')", "the filters of warnings"),
    ],
)
def test_changed_state_is_put_back_and_reported(
    desk: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(12345)
    before = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), list(warnings.filters), Path.cwd()
    mine = desk(f"import os, torch, warnings\ndef double(x):\n    {change}\n    return x\n")
    Student(mine).double(X)
    Student(mine).double(X)
    assert mine.notes == [name]
    assert before == (
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        list(warnings.filters),
        Path.cwd(),
    )
    assert torch.ones(1).device.type == "cpu"


def test_showing_a_plot_does_not_block(desk: Make) -> None:
    source = "def double(x):\n    import matplotlib.pyplot as plt\n    plt.plot([1, 2])\n    plt.show()\n    return 2 * x\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Agg says that it cannot show
        assert torch.equal(Student(desk(source, seconds=30)).double(X), 2 * X)


def test_arguments_are_copied_and_changes_in_place_come_back(desk: Make) -> None:
    source = "def double(x, table, items, generator):\n    x.mul_(2)\n    table['new'] = x\n    items.append(3)\n    import torch\n    torch.rand(1, generator=generator)\n"
    student = Student(desk(source))
    x, table, items, generator = X.clone(), {"old": 1}, [1, 2], torch.Generator().manual_seed(1)
    version, before = x._version, generator.get_state()
    with in_place(x, table, items):
        student.double(x, table, items, generator)
    assert torch.equal(x, 2 * X)
    assert x._version > version
    assert items == [1, 2, 3]
    assert table["new"] is x
    assert not torch.equal(generator.get_state(), before)


def test_what_is_not_given_back_stays_as_it_is(desk: Make) -> None:
    source = "def double(x, table, items):\n    x.zero_()\n    x.requires_grad_()\n    table.clear()\n    items.append(x)\n"
    x, y, table, items = X.clone(), X.clone(), {"old": 1}, [1]
    with in_place(y):
        Student(desk(source)).double(x, table, items)
    assert torch.equal(x, X)
    assert (x._version, x.requires_grad, table, items) == (0, False, {"old": 1}, [1])


def test_gradients_and_requires_grad_come_back(desk: Make) -> None:
    source = "def double(w):\n    (w * w).sum().backward()\n    return w\n"
    w = torch.tensor([3.0], requires_grad=True)
    with in_place(w):
        result = Student(desk(source)).double(w)
    assert w.grad is not None
    assert w.grad.tolist() == [6.0]
    assert result.requires_grad
    assert result.is_leaf
    assert result is not w


def test_data_replaced_by_another_dtype_or_shape_comes_back(desk: Make) -> None:
    source = "import torch\ndef double(w):\n    w.sum().backward()\n    w.data = torch.tensor([1.0, 2.0], dtype=torch.float32)\n"
    w = torch.tensor([3.0], dtype=torch.float64, requires_grad=True)
    with in_place(w):
        Student(desk(source)).double(w)
    assert (w.dtype, w.tolist(), w.grad) == (torch.float32, [1.0, 2.0], None)


def test_aliases_stay_aliases(desk: Make) -> None:
    student = Student(desk("def double(a, b, row):\n    a[0, 0] = 7\n    return a is b, row\n"))
    a = torch.ones(2, 2)
    same, row = student.double(a, a, a[0])
    assert same
    assert row.tolist() == [7, 1]


def test_a_write_that_was_undone_counts_as_a_write(desk: Make) -> None:
    x = X.clone()
    with in_place([x]):
        Student(desk("def double(x):\n    old = x[0].item()\n    x[0] = 9\n    x[0] = old\n")).double(x)
    assert torch.equal(x, X)
    assert x._version > 0


def test_iterators_come_as_lists_of_copies(desk: Make) -> None:
    source = "import torch\ndef double(x):\n    buffer = torch.zeros(1)\n    for i in range(3):\n        buffer.fill_(i)\n        yield buffer\n"
    assert [item.item() for item in Student(desk(source)).double(X)] == [0, 1, 2]
    endless = "import itertools\ndef double(x):\n    return itertools.count()\n"
    assert "more than 100,000 items" in failure(desk(endless), X).facts


def test_functions_are_called_back_with_copies(desk: Make) -> None:
    seen: list[torch.Tensor] = []

    def f(theta: torch.Tensor) -> torch.Tensor:
        seen.append(theta)
        return (theta**2).sum().requires_grad_()

    assert Student(desk("def double(f, x):\n    y = f(x)\n    x.zero_()\n    return y\n")).double(f, X.clone()).item() == 8.5
    assert torch.equal(seen[0], X)


def test_an_object_is_a_handle(desk: Make) -> None:
    source = """
class Box:
    def __init__(self, items): self.items, self.rate = items, 0.5
    def __len__(self): return len(self.items)
    def __getitem__(self, i): return self.items[i]
    def __iter__(self): return iter(self.items)
    def __call__(self, x): return self.rate * x
    def push(self, item): self.items.append(item); return self

def double(box): return len(box)
"""
    student = Student(desk(source))
    box = student.Box([1, 2])
    assert isinstance(box, Handle)
    assert (len(box), box[1], list(box), box(4.0), box.rate) == (2, 2, [1, 2], 2.0, 0.5)
    assert isinstance(box.push(5), Handle)
    box.rate = 2.0
    assert (box(4.0), box.items, student.double(box)) == (8.0, [1, 2, 5], 3)
    assert "no attribute `nothing`" in _error(lambda: box.nothing()).facts


def _error(call: Callable[[], object]) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        call()
    return caught.value


def test_gradients_through_the_students_function(desk: Make) -> None:
    student = Student(desk("def double(a, b):\n    return a * a\n"))
    a, b = X.double(), X.double()
    da, db = student.double.vjp(torch.tensor([1.0, 10.0]).double(), a, b)
    assert da is not None
    assert da.tolist() == [3.0, 50.0]
    assert db is None
    assert not a.requires_grad
    cut = Student(desk("def double(a):\n    return (a * a).detach()\n"))
    assert "has no history" in _error(lambda: cut.double.vjp(X, X)).facts


def test_each_desk_has_a_module_of_its_own(desk: Make) -> None:
    source = "count = []\ndef double(x):\n    count.append(1)\n    return len(count)\n"
    assert Student(desk(source)).double(X) == 1
    assert Student(desk(source)).double(X) == 1


MESSAGES = {
    "torch.ones(2).sum().backward()": "autograd has no history",
    "w = torch.ones(2, requires_grad=True); w -= 1": "with torch.no_grad():",
    "torch.ones(3, 4) @ torch.ones(3, 4)": "the last size of A must equal the first size of B",
    "torch.ones(3, 4) @ torch.ones(3)": "the last size of A must equal the first size of B",
    "torch.ones(3) @ torch.ones(4)": "the last size of A must equal the first size of B",
    "torch.ones(3) + torch.ones(4)": "The two shapes do not broadcast",
    "torch.ones(2, 2) @ torch.ones(2, 2).double()": "Two tensors of different dtypes met",
    "torch.ones(2) @ torch.ones(2).double()": "Two tensors of different dtypes met",
    "torch.ones(2) + torch.ones(2, device='meta')": "Tensors on different devices met",
    "w = torch.ones(1, requires_grad=True); l = (w * w).sum(); l.backward(); l.backward()": "backward() frees the graph",
    "w = torch.ones(2, requires_grad=True); v = w * 1; l = (v * v).sum(); v.add_(1); l.backward()": "was overwritten after the forward pass",
    "(torch.ones(2, requires_grad=True) * 2).backward()": "backward() starts from one number",
    "float(torch.ones(2))": "need a tensor with exactly one element",
    "torch.ones(2, requires_grad=True).numpy()": "A tensor with a history cannot become a numpy array",
    "bool(torch.ones(2) > 0)": "`if` needs one truth value",
    "torch.ones(1, requires_grad=True).grad * 2": "One side is None",
    "torch.ones(1, requires_grad=True).grad.zero_()": "Something is None",
    "torch.linalg.solve(torch.ones(2, 2), torch.ones(2))": "The matrix has no inverse",
    "torch.ones(2, dtype=torch.int64).mul_(0.5)": "An integer tensor cannot hold fractions",
}


@pytest.mark.parametrize("code", MESSAGES)
def test_common_errors_get_a_plain_sentence(code: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011  (whatever torch raises here is explained)
        exec(code, {"torch": torch})
    assert MESSAGES[code] in (explain(str(caught.value)) or str(caught.value))


def test_other_errors_get_no_guess() -> None:
    assert explain("list index out of range") is None
