"""The trusted side of the isolated face: asks a confined child, believes nothing but plain data, and keeps the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, get_args

import torch
from torch import Tensor

from grader import show, state
from grader.face import MODULE, Call, Function, Handle
from grader.fault import Fault, Nature, Teller
from grader.isolation.changes import apply
from grader.isolation.channel import Channel, Gone, Late
from grader.isolation.decoder import Decoder
from grader.isolation.encoder import Encoder
from grader.isolation.launch import Child, Warm
from grader.isolation.protocol import MOST_ANSWER, MOST_CALLBACKS, MOST_HANDLES, Head, default_dtype, expect
from grader.isolation.wire import BadFrame, Callback, Kept, Named, Ref
from grader.plain import called_back
from grader.submission import Submission, parsed, read_careful
from grader.verdict import CannotLoad, CheckFailed

GRACE = 1.0  # seconds that the child has to end by itself and say in which line, before it is killed
DIED = "It ended its own process: a crash, os._exit, or more memory than a check may use."
NONSENSE = "It answered with something that is no answer; its process was ended."
PARTS = {part.name for part in state.PARTS}


class Proxy:
    """A `Face` of the file at `path`, in a confined child of its own that is started at its first use.

    Args:
        path: the student's module.
        seconds: what all calls together may take.
        warm: starts the child.
        read: reads the file.
    """

    def __init__(self, path: Path, seconds: float, warm: Warm, read: Callable[[Path], bytes] = read_careful) -> None:
        self.path = path
        self._bytes = read
        self.calls: list[Call] = []
        self.notes: list[str] = []
        self._seconds = self._left = seconds
        self._warm = warm
        self._child: Child | None = None
        self._submission: Submission | None = None
        self._ended: Fault | CannotLoad | None = None
        self._loaded = False
        self._banned: list[str] = []
        self._kinds: dict[int, str] = {}
        self._generators = b""
        self._callbacks: list[Callable[..., Any]] = []
        self._failures: list[CheckFailed] = []
        self._called_back = 0

    @property
    def submission(self) -> Submission:
        if self._submission is None:
            self._submission = self._read()
        return self._submission

    def call(self, target: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._load()
        record = self._record(target, name, args, kwargs)
        record.result = self._ask("call", target, name, (args, kwargs), record)
        return record.result

    def vjp(self, name: str, upstream: Tensor, args: tuple[Any, ...]) -> tuple[Tensor | None, ...]:
        self._load()
        record = self._record(MODULE, name, args, {})
        found = self._ask("vjp", MODULE, name, (upstream, tuple(_bare(value) for value in args)), record)
        inputs = [value for value in args if isinstance(value, Tensor) and value.is_floating_point()]
        if type(found) is not tuple or len(found) != len(inputs) or any(type(g) not in (Tensor, type(None)) for g in found):
            self._break(name)
        record.result = found
        return found

    def get(self, target: int, name: str) -> Any:
        self._load()
        found = self._ask("get", target, name, ())
        if type(found) is not tuple or len(found) != 2 or type(found[0]) is not bool:
            self._break(name)
        return Function(self, name, target) if found[0] else found[1]

    def set(self, target: int, name: str, value: Any) -> None:
        self._load()
        self._ask("set", target, name, (value,))

    @contextmanager
    def ban(self, banned: list[str]) -> Generator[None, None, None]:
        before, self._banned = self._banned, banned
        try:
            yield
        finally:
            self._banned = before

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            self._child.kill()

    def _read(self) -> Submission:
        """The student's file; it is parsed here only once the child has shown that it can be."""
        data = self._bytes(self.path)
        text = data.decode("utf-8-sig", "replace")
        try:
            self._exchange("parse", MODULE, self.path.name, (text,))
        except _Told as told:
            if told.fault.nature in ("deadline", "said") and self._ended is not None:
                raise CannotLoad(f"{self.path.name} could not be read as Python within {self._seconds:g} s.") from None
        return parsed(self.path, data)

    def _load(self) -> None:
        if isinstance(self._ended, CannotLoad):
            raise self._ended
        submission = self.submission
        if self._loaded:
            return
        try:
            self._exchange("load", MODULE, self.path.name, ())
        except _Told as told:
            self._ended = Teller(submission, self._seconds).told_of_import(told.fault)
            self.close()
            raise self._ended from None
        self._loaded = True

    def _record(self, target: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        names = self.submission.parameters(name) if target == MODULE else []
        called = name if target == MODULE else f"{self._kinds[target]}.{name or '__call__'}"
        record = Call(called, show.arguments(names, args, kwargs))
        self.calls.append(record)
        return record

    def _ask(self, op: str, target: int, name: str, parts: tuple[Any, ...], record: Call | None = None) -> Any:
        """What the child answers, or the error that its fault is."""
        try:
            return self._exchange(op, target, name, parts)
        except _Told as told:
            if record is not None and told.fault.nature in ("missing", "no_function"):
                self.calls.remove(record)
            raise Teller(self.submission, self._seconds).told(told.fault, record.function if record else name) from None

    def _exchange(self, op: str, target: int, name: str, parts: tuple[Any, ...]) -> Any:
        """One request and its answer, within the time that is left.

        Raises:
            _Told: the child met a fault, is dead, too late, or said nonsense.
            CheckFailed: a function of the check's, called back, failed the check.
        """
        if isinstance(self._ended, Fault):
            raise _Told(self._ended)
        channel = self._line()
        encoder = self._request(op, target, name, parts)
        started = time.monotonic()
        channel.until = started + max(self._left, 0.001) + GRACE
        try:
            channel.send(encoder.bytes())
            return self._answer(channel, encoder.sent)
        except Late:
            self._end(Fault("deadline"))
        except Gone:
            self._end(Fault("said", text=DIED))
        except BadFrame:
            self._end(Fault("said", text=NONSENSE))
        finally:
            self._left -= time.monotonic() - started

    def _line(self) -> Channel:
        if self._child is None:
            self._child = self._warm.child(self._seconds)
        return self._child.channel

    def _request(self, op: str, target: int, name: str, parts: tuple[Any, ...]) -> Encoder:
        generators = state.generators()
        changed = None if generators == self._generators else generators
        self._generators = generators
        banned, recording = "\n".join(self._banned), torch.is_grad_enabled()
        head = Head(op, target, name, banned, max(self._left, 0.001), recording, default_dtype(), changed)
        encoder = Encoder(self._mark, aliases=True)
        head.write(encoder)
        for part in parts:
            encoder.write(part)
        return encoder

    def _answer(self, channel: Channel, sent: list[Any]) -> Any:
        while True:
            decoder = Decoder(channel.receive(MOST_ANSWER), self._place)
            word = decoder.read()
            if word == "callback":
                channel.send(self._called(decoder))
            elif word == "done":
                return self._done(decoder, sent)
            elif word == "fault":
                self._fault(decoder)
            else:
                raise BadFrame("no word of an answer")

    def _done(self, decoder: Decoder, sent: list[Any]) -> Any:
        value = decoder.read()
        decoder.place = lambda marker: self._place(marker, sent)  # the changes may name the check's own values
        changes = decoder.read()
        self._note(decoder.read())
        decoder.done()
        for change in expect(changes, list):
            apply(change, sent)
        return value

    def _fault(self, decoder: Decoder) -> NoReturn:
        nature, kind, text, line, from_call, spoken, notes = (decoder.read() for _ in range(7))
        decoder.done()
        self._note(notes)
        if type(spoken) is int and 0 <= spoken < len(self._failures):
            raise self._failures[spoken]
        if nature not in get_args(Nature) or type(from_call) is not bool:
            raise BadFrame("no fault")
        known = line if type(line) is int and 0 < line <= self._lines() else None
        raise _Told(Fault(nature, show.printable(expect(kind, str)), show.printable(expect(text, str)), known, from_call))

    def _lines(self) -> int:
        return self._submission.source.count("\n") + 1 if self._submission else 0

    def _called(self, decoder: Decoder) -> bytes:
        """The reply to a call of a function of the check's."""
        number, args, kwargs = (decoder.read() for _ in range(3))
        decoder.done()
        self._called_back += 1
        if type(number) is not int or not 0 <= number < len(self._callbacks) or self._called_back > MOST_CALLBACKS:
            raise BadFrame("a callback of no function, or too many")
        names = expect(kwargs, dict)
        if any(type(name) is not str for name in names):
            raise BadFrame("an argument without a name")
        word, value = self._outcome(self._callbacks[number], expect(args, tuple), names)
        encoder = Encoder(self._mark, aliases=True)
        for part in ("reply", word, value):
            encoder.write(part)
        return encoder.bytes()

    def _outcome(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Any]:
        try:
            return "value", called_back(function, args, kwargs, lambda value: value)
        except CheckFailed as error:
            self._failures.append(error)
            return "raised", ("", "", len(self._failures) - 1)
        except Exception as error:
            return "raised", (type(error).__name__, str(error), None)

    def _mark(self, value: Any) -> Named | Kept | Callback:
        if isinstance(value, Function):
            return Named(value._target, value._name)
        if isinstance(value, Handle):
            return Kept(value._at[1], value._at[2])
        if callable(value):
            self._callbacks.append(value)
            return Callback(len(self._callbacks) - 1)
        raise TypeError(f"a check cannot pass {show.kind(value)} to the student's code")

    def _place(self, marker: Any, sent: list[Any] | None = None) -> Any:
        """What stands here for a marker from the child: a handle, or a value of the check's that it was sent."""
        if isinstance(marker, Kept) and 0 < marker.key <= MOST_HANDLES:
            self._kinds[marker.key] = kind = show.printable(marker.kind)[:80]
            return Handle(self, marker.key, kind)
        if isinstance(marker, Ref) and sent is not None and 0 <= marker.index < len(sent):
            return sent[marker.index]
        raise BadFrame("a marker that means nothing here")

    def _note(self, notes: Any) -> None:
        if type(notes) is not list or not all(type(note) is str and note in PARTS for note in notes):
            raise BadFrame("notes of nothing")
        self.notes += [note for note in dict.fromkeys(notes) if note not in self.notes]

    def _break(self, name: str) -> NoReturn:
        """End a child whose answer is of the wrong form."""
        self._ended = Fault("said", text=NONSENSE)
        self.close()
        raise Teller(self.submission, self._seconds).told(self._ended, name)

    def _end(self, fault: Fault) -> NoReturn:
        self._ended = fault
        self.close()
        raise _Told(fault)


class _Told(Exception):
    """The child met a fault, or is one."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


def _bare(value: Any) -> Any:
    """A tensor without its history: gradients are taken with respect to it, not to what it came from."""
    return value.detach() if isinstance(value, Tensor) and value.requires_grad and not value.is_leaf else value
