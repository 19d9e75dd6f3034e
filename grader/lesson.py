"""A lesson is a folder: its id is the folder's name, its title the README's first line, its module the one stub."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.verdict import Soundness

LONGEST_TITLE = 70


class BadLesson(Exception):
    """A lesson folder or its grader does not keep the house rules; the text says which and how to mend it."""


@dataclass(frozen=True)
class Check:
    """One claim about one TODO function, worth `points`; `title` is the sentence the learner reads."""

    name: str
    title: str
    function: str
    points: float
    read: str | None
    soundness: Soundness
    run: Callable[[Any, Any], None]


def check(
    function: str, *, points: float, read: str | None = None, soundness: Soundness = "value"
) -> Callable[[Callable[[Any, Any], None]], Callable[[Any, Any], None]]:
    """Mark `test_…(student, given)` as a check of the TODO function `function`.

    Args:
        function: the name of the function the points belong to.
        points: what passing is worth; a lesson's checks add up to 10.
        read: the heading of the lesson text that explains the matter.
        soundness: `value` where the answer depends on inputs that the student's code could not know, `observation`
            where only the process that ran it saw the fact (an in-place write, say).

    Raises:
        BadLesson: the docstring, which is the title, is missing or longer than 70 characters.
    """

    def mark(run: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        title = (run.__doc__ or "").strip().partition("\n")[0]
        if not 0 < len(title) <= LONGEST_TITLE:
            raise BadLesson(f"{run.__name__}: the docstring is the title, 1 to {LONGEST_TITLE} characters; it has {len(title)}")
        run.check = Check(run.__name__, title, function, float(points), read, soundness, run)  # type: ignore[attr-defined]
        return run

    return mark


@dataclass(frozen=True)
class Lesson:
    """A lesson folder, read. `module` is the stub's name without `.py`."""

    folder: Path
    id: str
    title: str
    module: str

    @property
    def stub(self) -> Path:
        return self.folder / f"{self.module}.py"

    @property
    def grader(self) -> Path:
        return self.folder / f"test_{self.module}.py"

    def load_grader(self) -> ModuleType:
        """The lesson's grader as a module, imported afresh."""
        name = f"trainloop_lesson_{self.id}"
        spec = importlib.util.spec_from_file_location(name, self.grader)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module


def read_lesson(folder: Path) -> Lesson:
    """The lesson in `folder`.

    Raises:
        BadLesson: it has no grader, or more than one, or no README with a title.
    """
    graders = sorted(folder.glob("test_*.py"))
    if len(graders) != 1:
        raise BadLesson(f"{folder}: a lesson has one test_<module>.py, this folder has {len(graders)}")
    readme = folder / "README.md"
    if not readme.is_file():
        raise BadLesson(f"{readme}: a lesson needs a README.md whose first line is its title")
    with readme.open(encoding="utf-8") as text:
        first = text.readline().strip()
    if not first.startswith("# "):
        raise BadLesson(f"{readme}:1: the first line is the title, `# {folder.name} · …`")
    title = first.removeprefix("# ").removeprefix(folder.name).lstrip(" ·:")
    return Lesson(folder, folder.name, title, graders[0].stem.removeprefix("test_"))


def read_lessons(root: Path) -> list[Lesson]:
    """Every lesson under `root`, in the order of the ids."""
    return [read_lesson(grader.parent) for grader in sorted(root.glob("*/test_*.py"))]


def checks_of(grader: ModuleType) -> list[Check]:
    """The checks of a lesson's grader, in the order they are written."""
    return [value.check for value in vars(grader).values() if isinstance(getattr(value, "check", None), Check)]


def mistakes_of(grader: ModuleType) -> dict[str, str]:
    """The grader's `MISTAKES`: the sentence that explains each diagnosis."""
    return dict(getattr(grader, "MISTAKES", {}))
