"""The child's side of the line: carries out requests at the bench. Nothing that it says is believed."""

from __future__ import annotations

import ast
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, NoReturn

import torch
from torch import Tensor

from grader import state
from grader.bench import Bench, gradients
from grader.deadline import Deadline
from grader.face import MODULE
from grader.fault import Fault, fault_of
from grader.isolation.channel import Channel, Gone
from grader.isolation.decoder import Decoder
from grader.isolation.encoder import Encoder
from grader.isolation.protocol import MOST_ANSWER, MOST_REQUEST, READY, Head
from grader.isolation.wire import MOST_TEXT, Callback, CannotSend, Kept, Named, Ref
from grader.plain import fitting_gradient, plain, same_bits


class CheckSpoke(AssertionError):
    """The check's own function, called back, failed the check: the number of that failure on the other side."""

    def __init__(self, number: int) -> None:
        super().__init__("the check failed in a function that it passed")
        self.number = number


def serve(channel: Channel) -> None:
    """Carry out requests until the other side closes."""
    server = Server(channel)
    channel.send(READY)
    try:
        while True:
            server.answer(channel.receive(MOST_REQUEST))
    except Gone:
        return


class Server:
    """One student's module and what is asked of it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._notes: list[str] = []
        self._bench = Bench(self._notes.append)
        self._file, self._code = "", None

    def answer(self, frame: bytes) -> None:
        """Carry out one request and send the answer."""
        decoder = Decoder(frame, self._inward, memory=True)
        head = Head.read(decoder)
        self._prepare(head)
        encoder = Encoder(_refuse)
        try:
            with self._bench.running(Deadline(head.left)):
                self._done(encoder, *getattr(self, f"_{head.op}")(head, decoder))
        except BaseException as error:
            encoder = Encoder(_refuse)
            self._fault(encoder, error, head.name)
        encoder.write(self._notes)
        self._channel.send(encoder.bytes())

    def _prepare(self, head: Head) -> None:
        self._notes.clear()
        self._bench.banned = head.banned.split("\n") if head.banned else []
        torch.set_grad_enabled(head.gradients)
        torch.set_default_dtype(head.dtype)
        if head.generators is not None:
            state.set_generators(head.generators)

    def _parse(self, head: Head, decoder: Decoder) -> tuple[Any, list[Any]]:
        """Find out whether the text can be compiled at all, before the trusted side does so."""
        self._file = head.name
        self._code = compile(ast.parse(decoder.read(), self._file), self._file, "exec", dont_inherit=True)
        return None, []

    def _load(self, head: Head, decoder: Decoder) -> tuple[Any, list[Any]]:
        assert self._code is not None
        self._bench.load(self._code, self._file, Deadline(head.left))
        return None, []

    def _call(self, head: Head, decoder: Decoder) -> tuple[Any, list[Any]]:
        function = self._bench.resolve(head.target, head.name)
        args, kwargs = decoder.read(), decoder.read()
        twins = Twins(decoder.received)
        result = plain(function(*args, **kwargs), self._outward)
        return result, twins.changes(lambda value: plain(value, self._outward))

    def _vjp(self, head: Head, decoder: Decoder) -> tuple[Any, list[Any]]:
        function = self._bench.resolve(MODULE, head.name)
        upstream, args = decoder.read(), decoder.read()
        return gradients(function, head.name, upstream, args), []

    def _get(self, head: Head, decoder: Decoder) -> tuple[Any, list[Any]]:
        value = self._bench.resolve(head.target, head.name)
        return (True, None) if callable(value) else (False, plain(value, self._outward)), []

    def _set(self, head: Head, decoder: Decoder) -> tuple[Any, list[Any]]:
        setattr(self._bench.kept(head.target), head.name, decoder.read())
        return None, []

    def _done(self, encoder: Encoder, value: Any, changes: list[Any]) -> None:
        for part in ("done", value, changes):
            encoder.write(part)
        if encoder.size > MOST_ANSWER - MOST_TEXT:
            raise CannotSend(f"{encoder.size:,} bytes, where at most {MOST_ANSWER:,} may cross")

    def _fault(self, encoder: Encoder, error: BaseException, name: str) -> None:
        if isinstance(error, CannotSend):
            fault = Fault("said", text=f"What `{name}` gave back cannot be graded: {error}.")
        else:
            fault = fault_of(error, self._file)
        spoken = error.number if isinstance(error, CheckSpoke) else None
        for part in ("fault", fault.nature, fault.kind[:80], fault.text[:4000], fault.line, fault.from_call, spoken):
            encoder.write(part)

    def _inward(self, marker: Any) -> Any:
        if isinstance(marker, Named):
            return self._bench.resolve(marker.target, marker.name)
        if isinstance(marker, Kept):
            return self._bench.kept(marker.key)
        assert isinstance(marker, Callback)
        return lambda *args, **kwargs: self._call_back(marker.number, args, kwargs)

    def _outward(self, value: Any) -> Kept:
        return Kept(*self._bench.keep(value))

    def _call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        encoder = Encoder(_refuse)
        for part in ("callback", number, plain(args, self._outward), plain(kwargs, self._outward)):
            encoder.write(part)
        with _no_alarm():
            self._channel.send(encoder.bytes())
            decoder = self._reply()
        word, value = decoder.read(), decoder.read()
        if word == "value":
            return value
        kind, text, spoken = value
        raise CheckSpoke(spoken) if spoken is not None else type(kind, (Exception,), {})(text)

    def _reply(self) -> Decoder:
        """The reply to a callback; requests that the check makes in the meantime are carried out first."""
        while True:
            frame = self._channel.receive(MOST_REQUEST)
            decoder = Decoder(frame, self._inward, memory=True)
            if decoder.read() == "reply":
                return decoder
            self.answer(frame)


class Twins:
    """The arguments of one call, as they came, and what the student's code changed of them in place."""

    def __init__(self, received: list[Any]) -> None:
        self._received = list(received)
        self._before = [_picture(value) for value in received]

    def changes(self, outward: Callable[[Any], Any]) -> list[Any]:
        """For every changed value its number and what it is now; arguments in dicts and lists are named by number."""
        numbers = {id(value): number for number, value in enumerate(self._received)}

        def back(item: Any) -> Any:
            return Ref(numbers[id(item)]) if id(item) in numbers else outward(item)

        found: list[Any] = []
        for number, (value, before) in enumerate(zip(self._received, self._before, strict=True)):
            if isinstance(value, Tensor):
                found += [(number, *_tensor(value, before))] if _changed(value, before) else []
            elif isinstance(value, torch.Generator):
                found += [(number, value)] if bytes(value.get_state().numpy()) != before else []
            elif isinstance(value, dict):
                found.append((number, {key: back(item) for key, item in value.items()}))
            elif isinstance(value, list):
                found.append((number, [back(item) for item in value]))
        return found


def _picture(value: Any) -> Any:
    if isinstance(value, Tensor):
        grad = None if value.grad is None else value.grad.clone()
        return value.detach().clone(), value._version, value.requires_grad, grad
    return bytes(value.get_state().numpy()) if isinstance(value, torch.Generator) else None


def _changed(value: Tensor, before: tuple[Tensor, int, bool, Tensor | None]) -> bool:
    data, version, requires_grad, grad = before
    mine = value.grad if value.is_leaf else None
    same_grad = mine is grad if mine is None or grad is None else same_bits(mine, grad)
    return not (value._version == version and value.requires_grad == requires_grad and same_grad and same_bits(value, data))


def _tensor(value: Tensor, before: tuple[Tensor, int, bool, Tensor | None]) -> tuple[bool, Tensor, Tensor | None]:
    grad = fitting_gradient(value)
    return value._version != before[1], value.as_subclass(Tensor), None if grad is None else grad.detach()


def _refuse(value: Any) -> NoReturn:
    raise CannotSend(f"a value of the type {type(value).__name__}")


@contextmanager
def _no_alarm() -> Generator[None, None, None]:
    """The deadline waits: an exception in the middle of a frame would leave the line out of step."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
