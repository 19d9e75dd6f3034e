"""The wire, the walls and the ends of a child. What the isolated face shares with the desk is in test_desk.py."""

from __future__ import annotations

import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

if sys.platform != "linux":
    pytest.skip("isolation needs Linux", allow_module_level=True)

from grader.drawing import Contour, Drawing, Line, Panel
from grader.face import Student
from grader.isolation import levels
from grader.isolation.decoder import Decoder
from grader.isolation.encoder import Encoder
from grader.isolation.launch import CannotIsolate, Warm
from grader.isolation.protocol import MOST_ANSWER
from grader.isolation.proxy import Proxy
from grader.isolation.wire import DTYPES, MOST_KEYS, BadFrame, CannotSend, Kept
from grader.verdict import CannotLoad, CheckFailed, StudentError

FRAMES = int(os.environ.get("TRAINLOOP_FUZZ_FRAMES", "5000"))
GOOD = "def double(x):\n    return 2 * x\n"
X = torch.tensor([1.5, 2.5])


def refuse(value: Any) -> Any:
    raise CannotSend(type(value).__name__)


def reject(marker: Any) -> Any:
    raise BadFrame(str(marker))


def packed(*values: Any, aliases: bool = False) -> bytes:
    encoder = Encoder(refuse, aliases)
    for value in values:
        encoder.write(value)
    return encoder.bytes()


def unpacked(frame: bytes, memory: bool = False) -> Any:
    decoder = Decoder(frame, reject, memory)
    value = decoder.read()
    decoder.done()
    return value


def same(a: Any, b: Any) -> bool:
    """Equal in type and value, NaN equal to NaN, tensors by bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    return a == b or (a != a and b != b)


ATOMS = st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats() | st.text() | st.binary() | st.complex_numbers()
KEYS = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=5)
        | st.sets(KEYS)
    ),
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_plain_values_cross_unchanged(value: Any) -> None:
    assert same(unpacked(packed(value)), value)
    assert same(unpacked(packed(value, aliases=True), memory=True), value)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
@pytest.mark.parametrize("aliases", [False, True])
def test_tensors_cross_bit_by_bit(dtype: torch.dtype, shape: tuple[int, ...], aliases: bool) -> None:
    tensor = (torch.randn(shape) * 5).to(dtype).requires_grad_(dtype.is_floating_point)
    back = unpacked(packed(tensor, aliases=aliases), memory=aliases)
    assert (back.dtype, back.shape, back.requires_grad) == (tensor.dtype, tensor.shape, tensor.requires_grad)
    assert type(back) is torch.Tensor
    assert torch.equal(back, tensor)


def test_subclasses_arrive_as_what_they_stand_on() -> None:
    class Rate(float):
        def __eq__(self, _other: object) -> bool:
            return True

        __hash__ = float.__hash__

    class Word(str):
        __slots__ = ()

    found = unpacked(packed([Rate(2.0), Word("a"), torch.nn.Parameter(X)]))
    assert [type(value) for value in found] == [float, str, torch.Tensor]
    assert found[0] != 3.0


def test_windows_on_the_same_memory_stay_so() -> None:
    base = torch.arange(6.0).reshape(2, 3)
    first, row, turned = unpacked(packed((base, base[1], base.T), aliases=True), memory=True)
    row.zero_()
    assert first.tolist() == [[0, 1, 2], [0, 0, 0]]
    assert turned.stride() == base.T.stride()
    assert turned[0, 1] == 0
    assert first._version == row._version - 1


def test_a_drawing_a_generator_and_a_meta_tensor_cross() -> None:
    xy = torch.rand(3, 2, dtype=torch.float64)
    panel = Panel("t", "x", "y", ("a",), (Line("a", xy),), (), (Contour(-math.inf, 1.0, xy),))
    generator = torch.Generator().manual_seed(5)
    drawing, twin, meta = unpacked(packed((Drawing(7, "s", (panel,)), generator, torch.empty(2, 3, device="meta"))))
    assert drawing.panels[0].contours[0].lower == -math.inf
    assert torch.equal(drawing.panels[0].lines[0].xy, xy)
    assert torch.equal(torch.rand(3, generator=twin), torch.rand(3, generator=generator))
    assert meta.is_meta
    assert meta.shape == (2, 3)


@pytest.mark.parametrize(
    "value",
    [torch.eye(2).to_sparse(), torch.quantize_per_tensor(X, 0.1, 0, torch.qint8), print, object(), "x" * 1_000_001, 1 << 5000],
    ids=["sparse", "quantized", "function", "object", "long text", "huge integer"],
)
def test_what_is_no_plain_data_is_not_sent(value: Any) -> None:
    with pytest.raises(CannotSend):
        packed(value)


def test_a_cycle_ends_at_the_depth_limit() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(CannotSend, match="nested"):
        packed(cycle)


BOMBS = {
    "nothing": b"",
    "no kind": b"Z",
    "cut short": b"i\x08\0\0\0\1",
    "more after it": b"NN",
    "nested": b"l\1\0\0\0" * 100 + b"N",
    "long list": b"l\xff\xff\xff\xff" + b"N" * 100,
    "many values": b"l" + (400_000).to_bytes(4, "little") + b"N" * 400_000,
    "colliding keys": b"e"
    + (MOST_KEYS + 1).to_bytes(4, "little")
    + b"".join(packed(i * (2**61 - 1)) for i in range(MOST_KEYS + 1)),
    "unhashable key": b"d\1\0\0\0l\0\0\0\0N",
    "huge shape": b"x\1\0\2" + (2**62).to_bytes(8, "little") * 2,
    "empty but huge": b"x\1\0\3" + bytes(8) + (2**62).to_bytes(8, "little") * 2,
    "huge meta": b"x\1\4\2" + (2**62).to_bytes(8, "little") * 2,
    "17 dimensions": b"x\1\0\x11" + bytes(8) * 17,
    "integers with a gradient": b"x\5\1\1" + bytes(8),
    "bools of 2": b"x\4\0\1" + (1).to_bytes(8, "little") + b"\2",
    "no dtype": b"x\x63\0\0",
    "a window": packed(X, aliases=True),
    "half a generator": b"g\x10\0\0\0" + bytes(16),
    "a wild generator": b"g" + (5056).to_bytes(4, "little") + b"\xff" * 5056,
    "a forged drawing": b"w\3" + packed("id") + packed("t") + packed(()),
    "a panel of drawings": b"w\2" + packed("t", "x", "y", ("l",), (1,), (), ()),
    "a bad reference": b"m\3" + packed(99),
    "a callback": b"m\2" + packed(0),
    "a marker of text": b"m\0" + packed("one", "two"),
    "no marker": b"m\x09",
    "bad text": b"s\1\0\0\0\xff",
    "no device": b"V\x09\0\0",
}


@pytest.mark.parametrize("frame", BOMBS.values(), ids=BOMBS)
def test_a_forged_frame_is_refused_at_once(frame: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(BadFrame):
        unpacked(frame)
    assert time.monotonic() - started < 5


SEEDS = [
    packed([1, 2.5, "a", None, {"k": (True, X)}, {3}, torch.Generator()]),
    packed(Drawing(7, "s", (Panel("t", "x", "y", ("a",), (Line("a", torch.rand(3, 2, dtype=torch.float64)),), (), ()),))),
    packed((X, X.reshape(2, 1).T, torch.empty(2, device="meta")), aliases=True),
]


def test_the_decoder_is_total() -> None:
    """Any bytes give plain values or BadFrame. TRAINLOOP_FUZZ_FRAMES says how many frames are tried."""
    rng = random.Random(os.urandom(8))
    for _ in range(FRAMES):
        frame = bytearray(rng.choice(SEEDS)) if rng.random() < 0.8 else bytearray(rng.randbytes(rng.randrange(60)))
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(frame) + 1)
            frame[place : place + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        for memory in (False, True):
            try:
                unpacked(bytes(frame), memory)
            except BadFrame:
                continue


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=300))
def test_the_decoder_is_total_by_hypothesis(frame: bytes) -> None:
    try:
        unpacked(frame)
    except BadFrame:
        return


# -- children


@pytest.fixture
def isolated(tmp_path: Path, warm: Warm) -> Iterator[Callable[..., Proxy]]:
    """A proxy of the given text as the student's file."""
    made: list[Proxy] = []

    def make(source: str, seconds: float = 10.0, by: Warm = warm) -> Proxy:
        path = tmp_path / "answer.py"
        path.write_text(source, encoding="utf-8")
        made.append(Proxy(path, seconds, by))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()


Isolated = Callable[..., Proxy]


@pytest.fixture(scope="module", params=levels.LEVELS)
def at_level(request: pytest.FixtureRequest) -> Iterator[Warm]:
    try:
        found = levels.find(request.param)
    except CannotIsolate as error:
        pytest.skip(str(error))
    yield found.warm
    found.warm.close()


def failure(proxy: Proxy, *args: Any) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        Student(proxy).double(*args or (X,))
    return caught.value


TRAINING = """
import torch
from torch import nn
def double(x):
    torch.manual_seed(0)
    net, data = nn.Linear(2, 1), torch.randn(16, 2)
    optimizer = torch.optim.Adam(net.parameters())
    for batch in torch.utils.data.DataLoader(data, batch_size=4, shuffle=True):
        optimizer.zero_grad()
        net(batch).square().mean().backward()
        optimizer.step()
    return 2 * x
"""


def test_every_level_runs_what_a_lesson_needs(isolated: Isolated, at_level: Warm) -> None:
    assert torch.equal(Student(isolated(TRAINING, by=at_level)).double(X), 2 * X)


WALLS = {
    "fork": "import os; os.fork()",
    "exec": "import os; os.execv('/bin/true', ['true'])",
    "spawn": "import subprocess; subprocess.run(['/bin/true'])",
    "a socket": "import socket; socket.socket()",
    "a local socket": "import socket; socket.socket(socket.AF_UNIX)",
    "a signal": "import os; os.kill(os.getppid() or 1, 0)",
    "the kit": f"open({str(Path(__file__).parent.parent / 'pyproject.toml')!r}).read()",
    "passwords": "open('/etc/passwd').read()",
    "a folder": "import os; os.listdir('/home')",
    "a file in the kit": f"open({str(Path(__file__).parent / 'x')!r}, 'w')",
    "the parent's memory": "open('/proc/1/mem', 'rb')",
    "the environment": "open('/proc/1/environ', 'rb').read()",
    "more processor": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (9999, 9999))",
    "a namespace": "import ctypes, os; l = ctypes.CDLL(None, use_errno=True); assert l.unshare(0x10000000) == 0, 'errno'",
    "tracing": "import ctypes; l = ctypes.CDLL(None); assert l.ptrace(16, 1, 0, 0) == 0, 'errno'",
    "io_uring": "import ctypes; l = ctypes.CDLL(None); assert l.syscall(425, 4, 0) >= 0, 'errno'",
    "a mount": "import ctypes; l = ctypes.CDLL(None); assert l.mount(b'tmpfs', b'/', b'tmpfs', 0, None) == 0, 'errno'",
}


@pytest.mark.parametrize("act", WALLS.values(), ids=WALLS)
def test_the_walls_of_every_level(isolated: Isolated, at_level: Warm, act: str) -> None:
    error = failure(isolated(f"def double(x):\n    {act}\n    return 2 * x\n", by=at_level))
    assert any(word in error.facts for word in ("Error in line 2", "It ended its own process"))


def test_none_is_no_wall_and_only_by_name(isolated: Isolated) -> None:
    """The positive control: the same acts succeed without confinement."""
    found = levels.find("none")
    acts = "open('/etc/passwd').read(); socket.socket().close(); os.fork() or os._exit(0)"
    source = f"import os, socket\ndef double(x):\n    {acts}\n    return 2 * x\n"
    try:
        assert torch.equal(Student(isolated(source, by=found.warm)).double(X), 2 * X)
    finally:
        found.warm.close()
    assert "none" not in levels.LEVELS


def test_a_level_that_is_not_there_is_refused_and_the_next_one_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.isolation import filters

    def tried(level: str) -> Any:
        if level == "namespaces":
            raise CannotIsolate("no user namespaces")
        return type("Stand-in", (), {"level": level, "outer": None})()

    monkeypatch.setattr(levels, "_tried", tried)
    assert any("not namespaces: no user namespaces" in line for line in levels.find().said())
    with pytest.raises(CannotIsolate, match="no user namespaces"):
        levels.find("namespaces")
    monkeypatch.undo()
    monkeypatch.setattr(filters, "program", lambda **_: (_ for _ in ()).throw(filters.NoFilter("apt-get install libseccomp2")))
    with pytest.raises(CannotIsolate, match="apt-get install libseccomp2"):
        levels.find()


ENDS = {
    "os._exit": ("import os; os._exit(0)", "It ended its own process"),
    "a crash": ("import ctypes; ctypes.string_at(0)", "It ended its own process"),
    "memory": ("y = torch.zeros(1 << 30); y = torch.zeros(1 << 30)", "memory"),
    "memory in lists": ("y = []\n    while True: y.append(bytes(1 << 20))", "MemoryError in line"),
    "a loop": ("while True: pass", "Stopped after 0.8 s in line"),
    "a loop in C": ("import re; re.match('(a+)+$', 'a' * 60 + 'b')", "Stopped after 0.8 s"),
    "deaf": ("import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    while True: pass", "Stopped after 0.8 s"),
    "a huge answer": ("return torch.zeros(20_000_000)", "cannot be graded: 80,"),
    "a deep answer": ("y = []\n    for _ in range(100): y = [y]\n    return y", "nested more than"),
    "a cycle": ("y = []; y.append(y); return y", "RecursionError"),
    "a sparse answer": ("return x.to_sparse()", "Cannot access storage of SparseTensorImpl"),
    "much output": ("while True: print('x' * 10_000)", "Stopped after 0.8 s"),
    "a long message": ("raise ValueError('x' * 10_000_000)", "ValueError in line"),
    "a message that acts": ("raise ValueError('\\x1b[2J\\u202e\\x07')", "\N{REPLACEMENT CHARACTER}[2J"),
    "many files": ("import os\n    for i in range(10_000): open(f'{os.getcwd()}/{i}', 'w').close()", "Error in line"),
    "a full disk": (
        "import os\n    with open(f'{os.getcwd()}/f', 'wb') as f:\n        while True: f.write(bytes(1 << 20))",
        "Error in line",
    ),
    "nonsense": (
        "import os\n    for fd in range(64):\n        try: os.write(fd, b'\\xff' * 4096)\n        except OSError: pass",
        "no answer",
    ),
    "a silent line": ("import os; os.closerange(0, 64); import time; time.sleep(9)", "It ended its own process"),
    "a dripping answer": (
        "import os, time; os.write(3, b'\\0\\0\\1\\0')\n    while True:\n        try: os.write(3, b'l'); time.sleep(.01)\n"
        "        except BaseException: pass",
        "Stopped after 0.8 s",
    ),
}


@pytest.mark.parametrize(("act", "facts"), ENDS.values(), ids=ENDS)
def test_every_end_is_a_verdict_in_time(isolated: Isolated, act: str, facts: str) -> None:
    started = time.monotonic()
    error = failure(isolated(f"import torch\ndef double(x):\n    {act}\n    return x\n", seconds=0.8))
    assert isinstance(error, StudentError)
    assert facts in error.facts
    assert len(error.facts) < 10_000
    assert "\x1b" not in error.facts
    assert time.monotonic() - started < 6
    assert torch.equal(Student(isolated(GOOD)).double(X), 2 * X)


def test_an_answer_of_too_many_values(isolated: Isolated) -> None:
    assert "more than 150,000 values" in failure(isolated("def double(x):\n    return [0] * 400_000\n", seconds=20)).facts


def test_a_dead_child_stays_dead(isolated: Isolated) -> None:
    proxy = isolated("import os\ndef double(x):\n    os._exit(0)\n")
    assert failure(proxy).facts == failure(proxy).facts


def test_a_file_that_blows_up_the_parser_is_parsed_by_the_child_first(isolated: Isolated) -> None:
    error = failure(isolated("x = " + "-" * 200_000 + "1\n" + GOOD, seconds=5))
    assert isinstance(error, CannotLoad)


def test_nothing_survives(isolated: Isolated, warm: Warm) -> None:
    source = (
        "import threading, time\ndef double(x):\n    threading.Thread(target=lambda: time.sleep(600)).start()\n    return 2 * x\n"
    )
    before = _processes()
    proxies = [isolated(source) for _ in range(3)]
    assert all(torch.equal(Student(proxy).double(X), 2 * X) for proxy in proxies)
    for proxy in proxies:
        proxy.close()
    warm.child(1).kill()  # the warm process collects the dead when it is asked for the next
    time.sleep(0.3)
    assert _processes() <= before + 1


def _processes() -> int:
    return sum("grader.isolation.warm" in _command(path) for path in Path("/proc").iterdir() if path.name.isdigit())


def _command(path: Path) -> str:
    try:
        return (path / "cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def test_children_draw_as_the_parent_does_and_not_alike(isolated: Isolated) -> None:
    source = (
        "import random, numpy, torch\ndef double(x):\n    return torch.rand(2), random.random(), float(numpy.random.rand())\n"
    )
    draws = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        random.seed(seed)
        expected = torch.Generator().manual_seed(seed)
        draws.append(Student(isolated(source)).double(X))
        assert torch.equal(draws[-1][0], torch.rand(2, generator=expected))
    assert draws[0][1] != draws[1][1]


def test_a_failure_in_a_function_of_the_checks_is_the_checks(isolated: Isolated) -> None:
    def judge(_: torch.Tensor) -> None:
        raise CheckFailed("not this one")

    error = failure(isolated("def double(f, x):\n    return f(x)\n"), judge, X)
    assert error.facts == "not this one"


def test_the_student_may_be_called_from_a_callback(isolated: Isolated) -> None:
    student = Student(isolated("def double(f, x):\n    return f(x) + 1\ndef inner(x):\n    return 2 * x\n"))
    assert torch.equal(student.double(lambda x: student.inner(x) * 1, X), 2 * X + 1)


def test_handles_of_nothing_are_nonsense(isolated: Isolated) -> None:
    forged = packed("done", None, [], [])
    assert isinstance(Kept(3, "x"), Kept)
    assert len(forged) < MOST_ANSWER
    source = f"import os, struct\ndef double(x):\n    os.write(3, struct.pack('<I', {len(forged)}) + {forged!r})\n    return x\n"
    proxy = isolated(source)
    assert Student(proxy).double(X) is None  # it may say anything; what it says is only ever plain data
