"""Two ways to make a student's run short, where most of the time goes into torch and not into the exercise."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch

NAME = "torch._dynamo"


def freeze_garbage() -> None:
    """Take all that is loaded by now out of garbage collection: pytest collects several times, over all of torch.

    Docs: https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.freeze()


class _Absent(ModuleType):
    """Stands for `torch._dynamo` until somebody needs more of it than the two functions that do nothing without it."""

    @staticmethod
    def graph_break(*_args: Any, **_kwargs: Any) -> None:
        """Matters only to a compiler that is tracing."""

    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, *_args: Any, **_kwargs: Any) -> Any:
        """Keep a compiler from tracing `fn`: without one, `fn` itself."""
        return fn if fn is not None else lambda function: function

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
            importlib.import_module(NAME)
        return getattr(sys.modules[NAME], name)


def postpone_compiler() -> None:
    """Keep `torch.optim` from loading torch's compiler, which it does in its first step only to tell it to stay away.

    The import takes about as long as half of torch's. Whoever uses the compiler gets the real module.
    """
    if NAME not in sys.modules:
        absent = _Absent(NAME)
        sys.modules[NAME] = absent
        torch._dynamo = absent  # type: ignore[assignment]
