"""A stranger adds lesson 9_9 with CONTRIBUTING alone, without touching the package."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from grader import cli

SOLUTION = '''\
import torch
from torch import Tensor


def double(x: Tensor) -> Tensor:
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''
ALTERNATES = {"adding.py": "def double(x):\n    return x + x\n", "halving.py": "def double(x):\n    return x / 0.5\n"}


def blocks(contributing: str, language: str) -> list[str]:
    """The code blocks of one language, without their indentation."""
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", contributing, flags=re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for block in found]


@pytest.fixture
def scratch(tmp_path: Path, root: Path) -> Path:
    contributing = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (mutants,), (grader,) = blocks(contributing, "toml"), blocks(contributing, "python")
    files = {
        "solutions/9_9/doubling.py": SOLUTION,
        "exercises/9_9/README.md": "# 9_9 · Doubling\n",
        "exercises/9_9/test_doubling.py": grader,
        "tests/variants/9_9/mutants.toml": mutants,
        **{f"tests/variants/9_9/{name}": source for name, source in ALTERNATES.items()},
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_the_seven_steps_lead_to_a_lesson(scratch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["build", "--root", str(scratch)]) == 0
    assert cli.main(["audit", "9_9", "--seeds", "3", "--root", str(scratch)]) == 0, capsys.readouterr().out
    assert cli.main(["build", "--check", "--root", str(scratch)]) == 0


@pytest.mark.parametrize(
    ("file", "find", "put", "complaint"),
    [
        ("exercises/9_9/test_doubling.py", "2 * x, looks_like", "x**2, looks_like", "doubling.py: seed 0: test_double failed"),
        ("exercises/9_9/test_doubling.py", "squared=x**2", "squared=3 * x", "no check names squared"),
        ("tests/variants/9_9/adding.py", "x + x", "x + 1", "adding.py: seed 0: test_double failed"),
        ("tests/variants/9_9/mutants.toml", '"x**2"', '"x + x"', "passes ['test_double'], which are"),
        ("tests/variants/9_9/mutants.toml", 'fails = ["test_double"]', "fails = []", "no mutant fails test_double"),
    ],
)
def test_the_audit_finds_what_is_wrong(
    scratch: Path, capsys: pytest.CaptureFixture[str], file: str, find: str, put: str, complaint: str
) -> None:
    path = scratch / file
    before = path.read_text(encoding="utf-8")
    assert find in before
    path.write_text(before.replace(find, put), encoding="utf-8")
    cli.main(["build", "--root", str(scratch)])
    assert cli.main(["audit", "9_9", "--seeds", "1", "--root", str(scratch)]) == 1
    assert complaint in capsys.readouterr().out


def test_at_most_seven_steps(root: Path) -> None:
    section = (root / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a lesson")[2].partition("\n## ")[0]
    steps = re.findall(r"^(\d)\. ", section, flags=re.MULTILINE)
    assert steps == list("1234567")
