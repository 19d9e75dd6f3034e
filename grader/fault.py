"""How the student's code went wrong, as plain data, and the words for it: the same on the desk and isolated."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Literal

from grader.bans import Banned
from grader.explain import explain
from grader.stub import STILL_TO_DO
from grader.submission import Submission
from grader.verdict import CannotLoad, CheckFailed, DeadlineExceeded, StillToDo, StudentError

Nature = Literal["raised", "todo", "deadline", "banned", "said", "missing", "no_function"]


@dataclass(frozen=True)
class Fault:
    """What is known of one failure.

    Attributes:
        nature: `raised` by the student's code; the stub's own `todo`; the `deadline` passed; a `banned` name was called;
            `said` in the kit's own words, `text`; the name `text` is `missing` in an object of type `kind` (in the
            module where that is empty); the name `text` is `kind` and `no_function`.
        kind: the exception's type.
        text: the exception's text.
        line: of the student's file.
        from_call: the exception says that the arguments do not fit, and no line of the student's had run.
    """

    nature: Nature
    kind: str = ""
    text: str = ""
    line: int | None = None
    from_call: bool = False


class Wrong(Exception):
    """Raised by the kit's own code at the student's bench, with the fault that it found."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


def fault_of(error: BaseException, path: str) -> Fault:
    """The fault behind `error`, which the student's file `path` raised."""
    if isinstance(error, Wrong):
        return error.fault
    line = _last_line(error.__traceback__, path)
    kind, text = type(error).__name__, _text(error)
    todo = STILL_TO_DO.match(text) if isinstance(error, NotImplementedError) else None
    if todo:
        return Fault("todo", kind, todo.group(1), line)
    if isinstance(error, DeadlineExceeded):
        return Fault("deadline", kind, "", line)
    if isinstance(error, Banned):
        return Fault("banned", kind, text, line)
    return Fault("raised", kind, text, line, line is None and isinstance(error, TypeError) and "argument" in text)


@dataclass(frozen=True)
class Teller:
    """Puts faults into the student's terms.

    Args:
        submission: the student's file.
        seconds: what one check's calls may take.
    """

    submission: Submission
    seconds: float

    def told(self, fault: Fault, function: str | None) -> CheckFailed:
        """The error for `fault`, met in a call of `function` or, where that is None, while the file was imported."""
        match fault.nature:
            case "todo":
                return StillToDo(fault.text)
            case "deadline":
                facts = f"Stopped after {self.seconds:g} s{self._at(fault)}: does a loop never end?{self._quoted(fault)}"
                return StudentError(facts, kind="Deadline", line=fault.line)
            case "banned":
                facts = f"`{fault.text}` was called{self._at(fault)}; it is banned in this exercise.{self._quoted(fault)}"
                return StudentError(facts, kind="Banned", text=fault.text, line=fault.line)
            case "said":
                return StudentError(fault.text, line=fault.line)
            case "missing":
                return self._missing(fault)
            case "no_function":
                return StudentError(f"`{fault.text}` is {fault.kind} in {self.submission.path.name}, a function is expected.")
            case "raised":
                return self._raised(fault, function)

    def told_of_import(self, fault: Fault) -> CannotLoad:
        """The error for a fault that the file had while it was imported."""
        name, told = self.submission.path.name, self.told(fault, None)
        if isinstance(told, StudentError):
            return CannotLoad(f"{name} cannot be imported.\n{told.facts}", kind=told.kind, text=told.text, line=told.line)
        return CannotLoad(f"{name} calls an unfinished function when it is imported: {told.facts}")

    def _raised(self, fault: Fault, function: str | None) -> StudentError:
        kind, text = fault.kind, fault.text
        if fault.from_call and function:
            return StudentError(self._arity(function, text), kind=kind, text=text, line=self.submission.line_of(function))
        meaning = explain(text)
        facts = f"{kind}{self._at(fault)}: {text}{self._quoted(fault)}" + (f"\n{meaning}" if meaning else "")
        return StudentError(facts, kind=kind, text=text, line=fault.line)

    def _missing(self, fault: Fault) -> StudentError:
        if fault.kind:
            return StudentError(f"`{fault.kind}` has no attribute `{fault.text}`.")
        similar = self.submission.similar(fault.text)
        hint = f" Did you mean to name `{similar}` so?" if similar else ""
        return StudentError(
            f"There is no function `{fault.text}` in {self.submission.path.name}.{hint}",
            line=self.submission.line_of(similar) if similar else None,
        )

    def _at(self, fault: Fault) -> str:
        return f" in line {fault.line}" if fault.line else ""

    def _quoted(self, fault: Fault) -> str:
        return f"\n    {self.submission.line(fault.line)}" if fault.line else ""

    def _arity(self, function: str, text: str) -> str:
        mine = ", ".join(self.submission.parameters(function))
        return f"{text}.\nYours is `{function}({mine})`. The names and the order of the parameters are given by the exercise."


def up_to(trace: TracebackType | None, path: str) -> TracebackType | None:
    """The traceback cut after the last frame that runs the file `path`, so that a debugger opens there."""
    frames: list[TracebackType] = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    while frames and not _runs(frames[-1].tb_frame, path):
        frames.pop()
    kept: TracebackType | None = None
    for frame in reversed(frames):
        kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return kept


def _text(error: BaseException) -> str:
    try:
        return builtins.str(error).strip() or "(no message)"
    except BaseException:
        return "(its message cannot be shown)"


def _last_line(trace: TracebackType | None, path: str) -> int | None:
    """The line of the last frame that runs the file `path`."""
    line = None
    while trace is not None:
        if _runs(trace.tb_frame, path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _runs(frame: FrameType, path: str) -> bool:
    return frame.f_code.co_filename == path
