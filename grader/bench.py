"""The bench: where the student's module and objects live and run. The desk has one in this process, a sandboxed child one
of its own; so both do the same, and this room holds no check and no secret.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import torch
from torch import Tensor

from grader import bans, drawing, show, state
from grader.deadline import Deadline
from grader.face import MODULE
from grader.fault import Fault, Wrong


class Bench:
    """The objects of one student's module, each under a number; the module itself is number 0.

    Args:
        note: told the name of every piece of process-wide state that the student's code changed.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._objects: dict[int, Any] = {}
        self.banned: list[str] = []

    @property
    def loaded(self) -> bool:
        return MODULE in self._objects

    def load(self, code: CodeType, path: str, deadline: Deadline) -> None:
        """Import the module `code` of the file `path`."""
        drawing.close_all()
        module = ModuleType(Path(path).stem)
        module.__file__ = path
        sys.modules[module.__name__] = module  # dataclasses and pickle look the module up by its name
        with self.running(deadline):
            exec(code, module.__dict__)
        self._objects[MODULE] = module

    @contextmanager
    def running(self, deadline: Deadline) -> Generator[None, None, None]:
        """Run the student's code: within the deadline, with the bans, with process-wide state put back."""
        with state.restored(self._note), bans.refused(self.banned), deadline.running():
            yield

    def keep(self, value: Any) -> tuple[int, str]:
        """The number under which `value` is kept, and the name of its type."""
        key = next((key for key, known in self._objects.items() if known is value), len(self._objects) + 1)
        self._objects[key] = value
        return key, type(value).__name__

    def kept(self, key: int) -> Any:
        """The object number `key`."""
        return self._objects[key]

    def resolve(self, target: int, name: str) -> Any:
        """The attribute `name` of the object `target`, or that itself where `name` is empty.

        Raises:
            Wrong: there is none, or it is no function of the module.
        """
        owner = self._objects[target]
        if not name:
            return owner
        try:
            value = getattr(owner, name)
        except AttributeError:
            raise Wrong(Fault("missing", "" if target == MODULE else type(owner).__name__, name)) from None
        if target == MODULE and not callable(value):
            raise Wrong(Fault("no_function", show.kind(value), name))
        return value


def gradients(function: Callable[..., Any], name: str, upstream: Tensor, args: tuple[Any, ...]) -> tuple[Tensor | None, ...]:
    """The gradients of `(function(*args) * upstream).sum()` with respect to the floating tensors of `args`, which are ours.

    Raises:
        Wrong: what `function` returned cannot be differentiated.
    """
    inputs = [a.requires_grad_(True) for a in args if isinstance(a, Tensor) and a.is_floating_point()]
    output = function(*args)
    if not isinstance(output, Tensor):
        raise Wrong(Fault("said", text=f"`{name}` returned {show.kind(output)}, a Tensor is expected."))
    if output.shape != upstream.shape:
        facts = f"`{name}` returned the shape {show.shape(output)}, {show.shape(upstream)} is expected."
        raise Wrong(Fault("said", text=facts))
    if not output.requires_grad:
        raise Wrong(Fault("said", text=f"What `{name}` returned has no history: autograd cannot differentiate it.\n{CUT}"))
    # (output · upstream).sum() and not grad_outputs=upstream: the latter loads torch's symbolic shapes, 1 s
    found = torch.autograd.grad((output * upstream.to(output.dtype)).sum(), inputs, allow_unused=True)
    return tuple(None if g is None else g.detach().clone() for g in found)


CUT = (
    "The history is cut by .item(), float(), .detach(), .data, torch.tensor(...) and torch.no_grad(); none of them belongs here."
)
