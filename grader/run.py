"""One check against one submission: from the exception it ends with to a verdict with a message."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import state
from grader.checks.compare import TOLERANCES, float_tolerance
from grader.desk import Desk
from grader.face import Call, Face, Student
from grader.given import Given, derive
from grader.lesson import Check, Lesson
from grader.verdict import CannotLoad, CheckFailed, DeadlineExceeded, Outcome, StillToDo, Verdict

SECONDS = 10.0  # what one check's calls of the student's code may take together


@dataclass(frozen=True)
class Run:
    """One check about to run: which, on what, with which seed; `counts` says whether its points do."""

    lesson: Lesson
    check: Check
    face: Face
    seed: int
    device: str = "cpu"
    counts: bool = True
    mistakes: dict[str, str] | None = None
    options: str = ""  # of pytest, to be repeated in the command that runs this check again

    @property
    def given(self) -> Given:
        """The inputs, the same for every device and for a check run alone or with others."""
        return Given(derive(self.seed, self.lesson.id, self.check.name), self.device)

    def verdict(self, error: BaseException | None) -> Verdict:
        """The verdict on a check that ended with `error`, or without one."""
        outcome = outcome_of(error)
        worth = self.check.points if self.counts else 0.0
        return Verdict(
            name=self.check.name,
            title=self.check.title,
            function=self.check.function,
            points=worth if outcome == "passed" else 0.0,
            max_points=worth,
            outcome=outcome,
            device=self.device,
            diagnosis=getattr(error, "diagnosis", None),
            message=Message(self, error).text() if error is not None else "",
            soundness=self.check.soundness,
        )


def outcome_of(error: BaseException | None) -> Outcome:
    """`could_not_check` is what remains: an error that neither a verb nor the student's code raised."""
    if error is None:
        return "passed"
    if isinstance(error, StillToDo):
        return "todo"
    return "failed" if isinstance(error, CheckFailed | DeadlineExceeded) else "could_not_check"


@contextmanager
def prepared(given: Given) -> Generator[None, None, None]:
    """The state of the process in which a check runs: global generators seeded, everything put back afterwards."""
    token = float_tolerance.set(TOLERANCES[given.dtype])
    try:
        with state.restored(lambda _part: None), state.seeded(given.global_seed):
            yield
    finally:
        float_tolerance.reset(token)


def run_check(run: Run) -> Verdict:
    """Run the check outside pytest."""
    given = run.given
    try:
        with prepared(given):
            run.check.run(Student(run.face), given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return run.verdict(error)
    return run.verdict(None)


MakeFace = Callable[[Path, float], Face]


def run_lesson(
    lesson: Lesson,
    checks: list[Check],
    path: Path,
    seed: int,
    mistakes: dict[str, str] | None = None,
    *,
    face: MakeFace = Desk,
    seconds: float = SECONDS,
) -> list[Verdict]:
    """Run all `checks` against the module at `path`, each with a fresh face, on a desk where no other is asked for."""
    return [_run_fresh(lesson, check, face(path, seconds), seed, mistakes) for check in checks]


def _run_fresh(lesson: Lesson, check: Check, face: Face, seed: int, mistakes: dict[str, str] | None) -> Verdict:
    try:
        return run_check(Run(lesson, check, face, seed, mistakes=mistakes))
    finally:
        face.close()


@dataclass(frozen=True)
class Message:
    """The text of a failure, part by part."""

    run: Run
    error: BaseException

    def text(self) -> str:
        """Everything, as it stands under the check's title."""
        if not isinstance(self.error, CheckFailed | DeadlineExceeded):
            return self._fault()
        if isinstance(self.error, StillToDo):
            return self._todo(self.error)
        return "\n".join([*self._body(), "", *self._places()])

    def _fault(self) -> str:
        trace = traceback.extract_tb(self.error.__traceback__)
        where = f"{Path(trace[-1].filename).name}:{trace[-1].lineno}" if trace else "?"
        told = f"{type(self.error).__name__}: {self.error}"
        return (
            f"The check itself could not be carried out ({told}, at {where}).\nThis is a fault of the kit or of the machine,"
            " not of your answer. Please report it with the seed in the header."
        )

    def _todo(self, error: StillToDo) -> str:
        mine = self.run.check.function
        return error.facts if error.function == mine else f"`{mine}` needs `{error.function}`, which is still to do."

    def _body(self) -> list[str]:
        error = self.error
        if isinstance(error, CannotLoad):
            return error.facts.splitlines()
        call = self._call()
        lines = [f"{call.function}({call.arguments})" + self._result(call)] if call else []
        facts = error.facts if isinstance(error, CheckFailed) else "Stopped: the time for this check is up."
        lines += ["  " + line for line in facts.splitlines()]
        sentence = (self.run.mistakes or {}).get(getattr(error, "diagnosis", None) or "")
        if sentence:
            lines += ["", f"Looks like: {sentence}"]
        if self.run.face.notes:
            changed = ", ".join(self.run.face.notes)
            lines += ["", f"Note: your code changed {changed}. It was put back after the call."]
        return lines

    def _call(self) -> Call | None:
        """The call that returned the value in question, else the last one."""
        calls = self.run.face.calls
        subject = getattr(self.error, "subject", None)
        named = [call for call in calls if subject is not None and _holds(call.result, subject)]
        return (named or calls or [None])[-1]

    def _result(self, call: Call) -> str:
        name = getattr(self.error, "name", None)
        return f"  ->  {name}" if name else ""

    def _places(self) -> list[str]:
        lesson, check, seed = self.run.lesson, self.run.check, self.run.seed
        lines = [f"Your code:  {self._code()}"]
        readme = relative(lesson.folder / "README.md")
        lines.append(f"Read:       {readme}" + (f', "{check.read}"' if check.read else ""))
        lines.append(f"Again:      pytest {relative(lesson.folder)} -k {check.name} --seed {seed}{self.run.options}")
        return lines

    def _code(self) -> str:
        line = getattr(self.error, "line", None)
        try:
            submission = self.run.face.submission
        except CannotLoad as error:
            path = relative(getattr(self.run.face, "path", self.run.lesson.stub))
            return f"{path}:{error.line}" if error.line else path
        if line is None:
            call = self._call()
            line = submission.line_of(call.function if call else self.run.check.function)
        return f"{relative(submission.path)}:{line}" if line else relative(submission.path)


def _holds(result: Any, subject: Any) -> bool:
    """Whether `subject` is `result` itself or one of its parts."""
    if result is subject:
        return True
    if isinstance(result, list | tuple) and len(result) < 1000:
        return any(_holds(part, subject) for part in result)
    return isinstance(result, dict) and any(_holds(part, subject) for part in result.values())


def relative(path: Path) -> str:
    """The path from the working folder, where it lies below that."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def takes_student_and_given(function: Any) -> bool:
    """Whether a check has the one signature there is."""
    return list(inspect.signature(function).parameters) == ["student", "given"]
