"""The student's desk: the module is loaded into this process, so that a debugger and prints work. Nothing here is a
barrier against a hostile module; isolated grading is.
"""

from __future__ import annotations

import builtins
import os
import sys
import types
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any

import torch
from torch import Tensor

from grader import bans, quick, show, state
from grader.deadline import Deadline
from grader.explain import explain
from grader.face import MODULE, Call, Function, Handle
from grader.plain import Arguments, plain
from grader.stub import STILL_TO_DO
from grader.submission import Submission, read_submission
from grader.verdict import CannotLoad, CheckFailed, DeadlineExceeded, StillToDo, StudentError

SIMPLE_CALLABLES = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)


class Desk:
    """A `Face` of the file at `path`, loaded at its first use.

    Args:
        path: the student's module.
        seconds: what all calls together may take.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self.path = path
        self.calls: list[Call] = []
        self.notes: list[str] = []
        self._deadline = Deadline(seconds)
        self._submission: Submission | None = None
        self._banned: list[str] = []
        self._objects: dict[int, Any] = {}

    @property
    def submission(self) -> Submission:
        if self._submission is None:
            self._submission = read_submission(self.path)
        return self._submission

    def call(self, target: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        function = self._resolve(target, name)
        arguments = Arguments(args, kwargs, self._inward)
        record = self._record(target, name, args, kwargs)
        with self._running(record.function):
            raw = function(*arguments.args, **arguments.kwargs)
            record.result = plain(raw, self._outward)
        arguments.copy_back(lambda value: plain(value, self._outward))
        return record.result

    def vjp(self, name: str, upstream: Tensor, args: tuple[Any, ...]) -> tuple[Tensor | None, ...]:
        function = self._resolve(MODULE, name)
        arguments = Arguments(args, {}, self._inward)
        inputs = [a.requires_grad_(True) for a in arguments.args if isinstance(a, Tensor) and a.is_floating_point()]
        record = self._record(MODULE, name, args, {})
        with self._running(name):
            output = function(*arguments.args)
            if not isinstance(output, Tensor):
                raise StudentError(f"`{name}` returned {show.kind(output)}, a Tensor is expected.")
            if output.shape != upstream.shape:
                raise StudentError(f"`{name}` returned the shape {show.shape(output)}, {show.shape(upstream)} is expected.")
            if not output.requires_grad:
                raise StudentError(
                    f"What `{name}` returned has no history: autograd cannot differentiate it.\nThe history is cut by .item(),"
                    " float(), .detach(), .data, torch.tensor(...) and torch.no_grad(); none of them belongs here."
                )
            # (output · upstream).sum() and not grad_outputs=upstream: the latter loads torch's symbolic shapes, 1 s
            gradients = torch.autograd.grad((output * upstream.to(output.dtype)).sum(), inputs, allow_unused=True)
            record.result = tuple(None if g is None else g.detach().clone() for g in gradients)
        return record.result

    def get(self, target: int, name: str) -> Any:
        value = self._resolve(target, name)
        return Function(self, name, target) if callable(value) else plain(value, self._outward)

    def set(self, target: int, name: str, value: Any) -> None:
        with self._running(name):
            setattr(self._objects[target], name, Arguments((value,), {}, self._inward).args[0])

    @contextmanager
    def ban(self, banned: list[str]) -> Generator[None, None, None]:
        before, self._banned = self._banned, banned
        try:
            yield
        finally:
            self._banned = before

    def _record(self, target: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        names = self.submission.parameters(name) if target == MODULE else []
        called = name if target == MODULE else f"{type(self._objects[target]).__name__}.{name or '__call__'}"
        record = Call(called, show.arguments(names, args, kwargs))
        self.calls.append(record)
        return record

    def _module(self) -> Any:
        if MODULE not in self._objects:
            submission = self.submission
            quick.postpone_compiler()  # loading it inside the deadline could end half-way
            os.environ.setdefault("MPLBACKEND", "Agg")  # plots never open a window
            module = ModuleType(self.path.stem)
            module.__file__ = str(self.path)
            sys.modules[module.__name__] = module  # dataclasses and pickle look the module up by its name
            try:
                with self._running(None):
                    exec(submission.code, module.__dict__)
            except StillToDo as error:
                raise CannotLoad(f"{self.path.name} calls an unfinished function when it is imported: {error.facts}") from error
            except StudentError as error:
                raise CannotLoad(
                    f"{self.path.name} cannot be imported.\n{error.facts}", kind=error.kind, text=error.text, line=error.line
                ).with_traceback(error.__traceback__) from error
            self._objects[MODULE] = module
        return self._objects[MODULE]

    def _resolve(self, target: int, name: str) -> Any:
        owner = self._module() if target == MODULE else self._objects[target]
        if not name:
            return owner
        try:
            value = getattr(owner, name)
        except AttributeError:
            raise self._missing(target, name) from None
        if target == MODULE and not callable(value):
            raise StudentError(f"`{name}` is {show.kind(value)} in {self.path.name}, a function is expected.")
        return value

    def _missing(self, target: int, name: str) -> StudentError:
        if target != MODULE:
            return StudentError(f"`{type(self._objects[target]).__name__}` has no attribute `{name}`.")
        similar = self.submission.similar(name)
        hint = f" Did you mean to name `{similar}` so?" if similar else ""
        return StudentError(
            f"There is no function `{name}` in {self.path.name}.{hint}",
            line=self.submission.line_of(similar) if similar else None,
        )

    def _inward(self, value: Any) -> Any:
        if isinstance(value, Function):
            return self._resolve(value._target, value._name)
        if isinstance(value, Handle):
            return self._objects[value._at[1]]
        if callable(value):
            return self._callback(value)
        raise TypeError(f"a check cannot pass {show.kind(value)} to the student's code")

    def _callback(self, function: Any) -> Any:
        def called_back(*args: Any, **kwargs: Any) -> Any:
            back = [plain(value, self._outward) for value in args]
            result = function(*back, **{name: plain(value, self._outward) for name, value in kwargs.items()})
            return plain(result.detach() if isinstance(result, Tensor) else result, self._outward)

        return called_back

    def _outward(self, value: Any) -> Any:
        key = next((key for key, known in self._objects.items() if known is value), len(self._objects) + 1)
        self._objects[key] = value
        return Handle(self, key, type(value).__name__)

    @contextmanager
    def _running(self, function: str | None) -> Generator[None, None, None]:
        """Run the student's code: within the deadline, with the bans, with errors told in the student's terms."""
        try:
            with state.restored(self._note), bans.refused(self._banned), self._deadline.running():
                yield
        except (KeyboardInterrupt, CheckFailed):
            raise
        except BaseException as error:
            told = self._told(error, function)
            raise told.with_traceback(_up_to(error.__traceback__, str(self.path))) from error

    def _note(self, part: str) -> None:
        if part not in self.notes:
            self.notes.append(part)

    def _told(self, error: BaseException, function: str | None) -> CheckFailed:
        line = _last_line(error.__traceback__, str(self.path))
        kind, text = type(error).__name__, _text(error)
        todo = STILL_TO_DO.match(text) if isinstance(error, NotImplementedError) else None
        if todo:
            return StillToDo(todo.group(1))
        at = f" in line {line}" if line else ""
        quoted = f"\n    {self.submission.line(line)}" if line else ""
        if isinstance(error, DeadlineExceeded):
            seconds = f"{self._deadline.seconds:g}"
            return StudentError(f"Stopped after {seconds} s{at}: does a loop never end?{quoted}", kind="Deadline", line=line)
        if isinstance(error, bans.Banned):
            return StudentError(
                f"`{text}` was called{at}; it is banned in this exercise.{quoted}", kind="Banned", text=text, line=line
            )
        if line is None and isinstance(error, TypeError) and "argument" in text and function:
            return StudentError(self._arity(function, text), kind=kind, text=text, line=self.submission.line_of(function))
        meaning = explain(text)
        return StudentError(f"{kind}{at}: {text}{quoted}" + (f"\n{meaning}" if meaning else ""), kind=kind, text=text, line=line)

    def _arity(self, function: str, text: str) -> str:
        mine = ", ".join(self.submission.parameters(function))
        return f"{text}.\nYours is `{function}({mine})`. The names and the order of the parameters are given by the exercise."


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


def _up_to(trace: TracebackType | None, path: str) -> TracebackType | None:
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


def _runs(frame: FrameType, path: str) -> bool:
    return frame.f_code.co_filename == path
