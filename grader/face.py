"""What a check sees of the student's code: the same three objects whether it runs in this process or in a sandbox.

`student.<name>` is a `Function`; what it returns is plain data or a `Handle`. Behind them stands a `Face`, which makes
the calls: the desk in process, the proxy of a child when isolated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from grader.submission import Submission

MODULE = 0  # the handle of the student's module


@dataclass
class Call:
    """One call of the student's code: what a failure message says of it."""

    function: str
    arguments: str
    result: Any = None


class Face(Protocol):
    """Makes calls into the student's code; every value that crosses is a copy."""

    calls: list[Call]
    notes: list[str]

    @property
    def submission(self) -> Submission:
        """The student's file. Raises CannotLoad."""
        ...

    def call(self, target: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call `name` of the object `target`, or the object itself where `name` is empty."""
        ...

    def vjp(self, name: str, upstream: Tensor, args: tuple[Any, ...]) -> tuple[Tensor | None, ...]:
        """The gradients of `(name(*args) * upstream).sum()` with respect to every floating tensor of `args`."""
        ...

    def get(self, target: int, name: str) -> Any:
        """The attribute `name` of `target`: plain data, or a `Function` where it can be called."""
        ...

    def set(self, target: int, name: str, value: Any) -> None:
        """Set the attribute `name` of `target`."""
        ...

    def ban(self, banned: list[str]) -> Any:
        """A context in which the dotted names `banned` raise when the student's code calls them."""
        ...

    def close(self) -> None:
        """End what the face has started; no call may follow."""
        ...


class Function:
    """A function or method of the student's code."""

    def __init__(self, face: Face, name: str, target: int = MODULE) -> None:
        self._face, self._target, self._name = face, target, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._face.call(self._target, self._name, args, kwargs)

    def vjp(self, upstream: Tensor, *args: Any) -> tuple[Tensor | None, ...]:
        """The gradients of `(function(*args) * upstream).sum()`, by autograd through the student's code.

        One per floating tensor in `args`, in order; None where the result does not depend on it.
        """
        return self._face.vjp(self._name, upstream, args)

    def __repr__(self) -> str:
        return f"<student's {self._name}>"


class Student:
    """The student's module: `student.<name>` is the function of that name."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def __getattr__(self, name: str) -> Function:
        if name.startswith("__"):
            raise AttributeError(name)
        return Function(self._face, name)


def face_of(student: Student) -> Face:
    """The face behind `student`."""
    return student._face


class Handle:
    """An object of the student's that is no plain data: it is used where it lives, and only answers come over."""

    def __init__(self, face: Face, key: int, kind: str) -> None:
        object.__setattr__(self, "_at", (face, key, kind))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        face, key, _ = self._at
        return face.call(key, "", args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        face, key, _ = self._at
        return face.get(key, name)

    def __setattr__(self, name: str, value: Any) -> None:
        face, key, _ = self._at
        face.set(key, name, value)

    def __len__(self) -> int:
        return self._method("__len__")

    def __getitem__(self, index: Any) -> Any:
        return self._method("__getitem__", index)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._method("__iter__"))

    def _method(self, name: str, *args: Any) -> Any:
        face, key, _ = self._at
        return face.call(key, name, args, {})

    def __repr__(self) -> str:
        return f"<student's {self._at[2]}>"
