"""The student's desk: the module is loaded into this process, so that a debugger and prints work. Nothing here is a
barrier against a hostile module; isolated grading is.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor

from grader import quick, show
from grader.bench import Bench, gradients
from grader.deadline import Deadline
from grader.face import MODULE, Call, Function, Handle
from grader.fault import Teller, fault_of, up_to
from grader.plain import Arguments, called_back, plain
from grader.submission import Submission, read_submission
from grader.verdict import CheckFailed


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
        self._bench = Bench(self._note)

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
        record = self._record(MODULE, name, args, {})
        with self._running(name):
            record.result = gradients(function, name, upstream, arguments.args)
        return record.result

    def get(self, target: int, name: str) -> Any:
        value = self._resolve(target, name)
        if callable(value):
            return Function(self, name, target)
        with self._running(name):
            return plain(value, self._outward)

    def set(self, target: int, name: str, value: Any) -> None:
        with self._running(name):
            setattr(self._bench.kept(target), name, Arguments((value,), {}, self._inward).args[0])

    @contextmanager
    def ban(self, banned: list[str]) -> Generator[None, None, None]:
        before, self._bench.banned = self._bench.banned, banned
        try:
            yield
        finally:
            self._bench.banned = before

    def close(self) -> None:
        """Nothing to end: the module lives in this process."""

    def _record(self, target: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        names = self.submission.parameters(name) if target == MODULE else []
        called = name if target == MODULE else f"{type(self._bench.kept(target)).__name__}.{name or '__call__'}"
        record = Call(called, show.arguments(names, args, kwargs))
        self.calls.append(record)
        return record

    def _resolve(self, target: int, name: str) -> Any:
        if not self._bench.loaded:
            self._load()
        with self._running(name):
            return self._bench.resolve(target, name)

    def _load(self) -> None:
        quick.postpone_compiler()  # loading it inside the deadline could end half-way
        os.environ.setdefault("MPLBACKEND", "Agg")  # plots never open a window
        try:
            self._bench.load(self.submission.code, str(self.path), self._deadline)
        except (KeyboardInterrupt, CheckFailed):
            raise
        except BaseException as error:
            told = self._teller.told_of_import(fault_of(error, str(self.path)))
            raise told.with_traceback(up_to(error.__traceback__, str(self.path))) from error

    def _inward(self, value: Any) -> Any:
        if isinstance(value, Function):
            return self._resolve(value._target, value._name)
        if isinstance(value, Handle):
            return self._bench.kept(value._at[1])
        if callable(value):
            return lambda *args, **kwargs: called_back(value, args, kwargs, self._outward)
        raise TypeError(f"a check cannot pass {show.kind(value)} to the student's code")

    def _outward(self, value: Any) -> Any:
        return Handle(self, *self._bench.keep(value))

    @contextmanager
    def _running(self, function: str | None) -> Generator[None, None, None]:
        """Run the student's code at the bench, with errors told in the student's terms."""
        try:
            with self._bench.running(self._deadline):
                yield
        except (KeyboardInterrupt, CheckFailed):
            raise
        except BaseException as error:
            told = self._teller.told(fault_of(error, str(self.path)), function)
            raise told.with_traceback(up_to(error.__traceback__, str(self.path))) from error

    @property
    def _teller(self) -> Teller:
        return Teller(self.submission, self._deadline.seconds)

    def _note(self, part: str) -> None:
        if part not in self.notes:
            self.notes.append(part)
