"""What the grader says of one check, and the ways a check can end other than by passing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["passed", "failed", "todo", "could_not_check"]
Soundness = Literal["value", "observation"]


@dataclass(frozen=True)
class Verdict:
    """One check's outcome; `as_json` is its form in `--report-json`."""

    name: str
    title: str
    function: str
    points: float
    max_points: float
    outcome: Outcome
    device: str
    diagnosis: str | None = None
    message: str = ""
    soundness: Soundness = "value"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class CheckFailed(AssertionError):
    """The student's answer is wrong.

    `facts` states what was expected and what came; `subject` is the value in question, by which the call that
    returned it is found again; `diagnosis` is the id of the one known mistake whose value was met; `line` is the line
    of the student's file, where it is known.
    """

    def __init__(
        self,
        facts: str,
        *,
        subject: Any = None,
        name: str | None = None,
        diagnosis: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(facts)
        self.facts = facts
        self.subject = subject
        self.name = name
        self.diagnosis = diagnosis
        self.line = line


class StudentError(CheckFailed):
    """The student's code raised, or could not be called at all."""

    def __init__(self, facts: str, *, kind: str = "", text: str = "", line: int | None = None) -> None:
        super().__init__(facts, line=line)
        self.kind = kind
        self.text = text


class CannotLoad(StudentError):
    """The student's file gives no module: every check of the lesson meets the same fault."""


class StillToDo(CheckFailed):
    """The stub's own NotImplementedError came: nothing is wrong yet."""

    def __init__(self, function: str) -> None:
        super().__init__(f"`{function}` is still to do.")
        self.function = function


class DeadlineExceeded(BaseException):
    """Raised inside the student's code when its time is up; no `except Exception` catches it."""
