"""Submissions that attack the grader: each gives a wrong answer and hopes to be marked right, to learn, to block or to break.

A file whose first line says `in process: passes` or `unconfined: leaks` is shown to be real there: its attack succeeds
where there is no wall. `@SOLUTION@`, `@NEIGHBOUR@` and `@PARENT@` stand for two secret files and for the grader's pid.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("isolation needs Linux", allow_module_level=True)

from grader import Given, Student, assert_close
from grader.desk import Desk
from grader.face import Face
from grader.isolation import levels
from grader.isolation.launch import CannotIsolate, Warm
from grader.isolation.proxy import GRACE, Proxy
from grader.lesson import Check, Lesson
from grader.run import Run, run_check
from grader.verdict import Verdict

HERE = Path(__file__).parent
ATTACKS = sorted(path.relative_to(HERE).with_suffix("").as_posix() for path in HERE.glob("*/*.py"))
SECONDS = 0.7
SENTINEL = "SENTINEL-" + "3f9c"
SLOW = 4.0  # seconds that a busy machine may add
EVERY_LEVEL = os.environ.get("TRAINLOOP_ATTACK_LEVELS", "").split() or ["best"]


def _double(student: Student, given: Given) -> None:
    """The double of every entry"""
    x = given.normal(3, 4)
    expected = 2 * x
    assert_close(student.double(x), expected)


CHECK = Check("test_double", "The double of every entry", "double", 10.0, None, "value", _double)


@dataclass(frozen=True)
class Target:
    """A folder with secrets, into which submissions are handed in."""

    folder: Path

    def hand_in(self, source: str) -> Path:
        for word, stands_for in self.words().items():
            source = source.replace(word, stands_for)
        path = self.folder / "mallory" / "doubling.py"
        path.write_text(source, encoding="utf-8")
        return path

    def words(self) -> dict[str, str]:
        secrets = {"@SOLUTION@": "solutions/doubling.py", "@NEIGHBOUR@": "alice/doubling.py"}
        return {**{word: str(self.folder / path) for word, path in secrets.items()}, "@PARENT@": str(os.getpid())}

    def grade(self, face: Face) -> Verdict:
        lesson = Lesson(self.folder, "9_9", "Doubling", "doubling")
        return run_check(Run(lesson, CHECK, face, seed=int.from_bytes(os.urandom(6))))

    def state(self) -> dict[str, str]:
        return {str(p): p.read_text() for p in self.folder.rglob("*") if p.is_file() and "mallory" not in p.parts}


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    monkeypatch.setenv("TRAINLOOP_SENTINEL", SENTINEL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # that it cannot be read must be the walls' doing, not its owner's
        for student in ("mallory", "alice", "solutions"):
            (folder / student).mkdir()
        for student in ("alice", "solutions"):
            (folder / student / "doubling.py").write_text(f"def double(x):\n    return 2 * x  # {SENTINEL}\n")
        yield Target(folder)


@pytest.fixture(scope="module", params=EVERY_LEVEL)
def guard(request: pytest.FixtureRequest) -> Iterator[Warm]:
    """A warm process; TRAINLOOP_ATTACK_LEVELS names the levels, the best one where it is not set."""
    try:
        found = levels.find(None if request.param == "best" else request.param)
    except CannotIsolate as error:
        pytest.skip(str(error))
    yield found.warm
    found.warm.close()


def graded(target: Target, source: str, guard: Warm) -> Verdict:
    face = Proxy(target.hand_in(source), SECONDS, guard)
    try:
        return target.grade(face)
    finally:
        face.close()


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_gets_nothing(attack: str, target: Target, guard: Warm) -> None:
    before = target.state()
    started = time.monotonic()
    verdict = graded(target, (HERE / f"{attack}.py").read_text("utf-8"), guard)
    assert time.monotonic() - started < 2 * SECONDS + GRACE + SLOW
    assert verdict.outcome in ("failed", "todo")
    assert verdict.points == 0
    assert SENTINEL not in verdict.message
    assert "SENTINEL-left" not in verdict.message
    assert all(c.isprintable() or c == "\n" for c in verdict.message)
    assert target.state() == before
    after = graded(target, "def double(x):\n    return 2 * x\n", guard)
    assert (after.outcome, after.points) == ("passed", 10)


def real(attack: str) -> str:
    with (HERE / f"{attack}.py").open(encoding="utf-8") as file:
        return file.readline()


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if "unconfined: leaks" in real(attack)])
def test_without_walls_it_would_leak(attack: str, target: Target) -> None:
    open_house = levels.find("none").warm
    try:
        assert SENTINEL in graded(target, (HERE / f"{attack}.py").read_text("utf-8"), open_house).message
    finally:
        open_house.close()


def _on_the_desk(target: Target, path: Path) -> str:
    return target.grade(Desk(path, 10)).outcome


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if "in process: passes" in real(attack)])
def test_in_process_it_would_pass(attack: str, target: Target) -> None:
    path = target.hand_in((HERE / f"{attack}.py").read_text("utf-8"))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_on_the_desk, (target, path)) == "passed"
