"""The stub is cut from the solution, and the command says when it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader import cli
from grader.lesson import BadLesson, read_lesson
from grader.stub import BadMarker, cut, todo_functions

SOLUTION = '''\
"""A module."""

import math


def area(r: float) -> float:
    """The area."""
    ### BEGIN SOLUTION
    def square(x: float) -> float:
        return x * x

    return math.pi * square(r)
    ### END SOLUTION


class Ball:
    def __init__(self, r: float) -> None:
        self.r = r

    def volume(self) -> float:
        ### BEGIN SOLUTION
        return 4 / 3 * math.pi * self.r**3
        ### END SOLUTION
'''


def test_the_stub_keeps_all_but_the_solution() -> None:
    stub = cut(SOLUTION, "x.py")
    assert 'def area(r: float) -> float:\n    """The area."""\n    raise NotImplementedError("area is still to do")\n' in stub
    assert '    def volume(self) -> float:\n        raise NotImplementedError("Ball.volume is still to do")\n' in stub
    assert "import math" in stub
    assert "self.r = r" in stub
    assert "square" not in stub
    assert "SOLUTION" not in stub
    compile(stub, "x.py", "exec")
    assert todo_functions(SOLUTION, "x.py") == ["area", "Ball.volume"]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (
            "def f():\n    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION\n",
            r"x.py:3: .* opened in line 2",
        ),
        ("def f():\n    pass\n    ### END SOLUTION\n", r"x.py:3: ### END SOLUTION without"),
        ("def f():\n    ### BEGIN SOLUTION\n    pass\n", r"x.py:2: ### BEGIN SOLUTION without ### END"),
        ("### BEGIN SOLUTION\na = 1\n### END SOLUTION\n", r"x.py:1: .* outside a function"),
        ("def f():\n    pass  ### BEGIN SOLUTION\n", r"x.py:2: a marker stands alone"),
    ],
)
def test_a_wrong_marker_is_an_error_with_file_and_line(source: str, complaint: str) -> None:
    with pytest.raises(BadMarker, match=complaint):
        cut(source, "x.py")


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    (tmp_path / "solutions/9_9").mkdir(parents=True)
    (tmp_path / "solutions/9_9/balls.py").write_text(SOLUTION, encoding="utf-8")
    return tmp_path


def test_build_writes_and_check_notices_a_difference(kit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build, check = ["build", "--root", str(kit)], ["build", "--check", "--root", str(kit)]
    assert cli.main(check) == 1
    assert "write it again: trainloop build" in capsys.readouterr().err
    assert cli.main(build) == 0
    assert cli.main(check) == 0
    stub = kit / "exercises/9_9/balls.py"
    stub.write_text(stub.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    assert cli.main(check) == 1
    assert cli.main(build) == 0
    assert "# mine" not in stub.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "complaint"),
    [("def f(:\n", "invalid syntax"), ("def f():\n    ### END SOLUTION\n    pass\n", "without ### BEGIN SOLUTION")],
)
def test_build_names_a_broken_solution(kit: Path, capsys: pytest.CaptureFixture[str], source: str, complaint: str) -> None:
    (kit / "solutions/9_9/balls.py").write_text(source, encoding="utf-8")
    assert cli.main(["build", "--root", str(kit)]) == 2
    assert complaint in capsys.readouterr().err


def test_build_in_the_wrong_folder_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["build", "--root", str(tmp_path)]) == 2
    assert "run this in the kit's folder, or say --root" in capsys.readouterr().err


def test_the_committed_stubs_are_the_solutions(root: Path) -> None:
    assert cli.main(["build", "--check", "--root", str(root)]) == 0


def test_a_figure_of_no_lesson_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["figure", "8_8", "--root", str(tmp_path)]) == 2
    assert "there is no lesson text" in capsys.readouterr().err


def test_the_command_is_installed() -> None:
    done = subprocess.run([sys.executable, "-m", "grader.cli", "--help"], capture_output=True, text=True, check=True)
    assert "build" in done.stdout


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"README.md": "# 9_9 · X\n"}, "has one test_<module>.py, this folder has 0"),
        ({"README.md": "# 9_9 · X\n", "test_a.py": "", "test_b.py": ""}, "this folder has 2"),
        ({"test_a.py": ""}, "needs a README.md"),
        ({"README.md": "X\n", "test_a.py": ""}, "README.md:1: the first line is the title"),
    ],
)
def test_a_folder_that_is_no_lesson(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(BadLesson, match=complaint):
        read_lesson(tmp_path)


def test_a_lesson_is_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "9_9"
    folder.mkdir()
    (folder / "README.md").write_text("# 9_9 · Doubling a number\n\nText.\n", encoding="utf-8")
    (folder / "test_doubling.py").write_text("", encoding="utf-8")
    lesson = read_lesson(folder)
    assert (lesson.id, lesson.title, lesson.module) == ("9_9", "Doubling a number", "doubling")
    assert lesson.stub == folder / "doubling.py"
