"""What an exercise asks the student to write must not be delegated: found in the text, and refused when called."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, TypeGuard
from unittest import mock

from grader.submission import Submission, reachable


class Banned(Exception):
    """Raised inside the student's code by a banned call."""


class Finding(NamedTuple):
    """A banned name in the student's text."""

    name: str
    line: int


def find(submission: Submission, banned: list[str], functions: list[str]) -> list[Finding]:
    """Where `functions`, or what they call in the same file, mention one of the dotted names `banned`.

    A name is resolved through imports and their aliases, so `from torch.autograd import grad as g` is found. A banned
    name of the form `Tensor.method` is any attribute access `.method`. A banned module stands for all in it.
    """
    aliases = _aliases(submission.tree)
    found = [
        Finding(name, node.lineno)
        for definition in reachable(submission, functions)
        for node, name in _mentions(definition, aliases)
        if _is_banned(name, banned)
    ]
    return sorted(set(found), key=lambda finding: finding.line)


def _aliases(tree: ast.AST) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                top = item.name.partition(".")[0]
                names[item.asname or top] = item.name if item.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({item.asname or item.name: f"{node.module}.{item.name}" for item in node.names})
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            dotted = _dotted(node.value, names)
            if dotted and "." in dotted:
                names.setdefault(node.targets[0].id, dotted)
    return names


def _mentions(definition: ast.AST, aliases: dict[str, str]) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(definition):
        if _is_getattr(node):
            owner, attribute = _dotted(node.args[0], aliases), ast.literal_eval(node.args[1])
            yield node, f"{owner or 'Tensor'}.{attribute}"
        elif isinstance(node, ast.Attribute | ast.Name):
            dotted = _dotted(node, aliases)
            if dotted:
                yield node, dotted
            if isinstance(node, ast.Attribute):
                yield node, f"Tensor.{node.attr}"


def _is_getattr(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether `node` is getattr(object, "constant", …)."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    return node.func.id == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant)


def _dotted(node: ast.AST, aliases: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return aliases.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, aliases)
        return f"{owner}.{node.attr}" if owner else None
    return None


def _is_banned(name: str, banned: list[str]) -> bool:
    return any(name == ban or name.startswith(ban + ".") for ban in banned)


@contextmanager
def refused(banned: list[str]) -> Generator[None, None, None]:
    """Run the block with the dotted names `banned` replaced by functions that raise `Banned`.

    Of a module every public function and class is replaced, and a class cannot be made an instance of.
    """
    with ExitStack() as stack:
        for name in banned:
            owner, attribute = _resolve(name)
            if not attribute:
                for public in [key for key, value in vars(owner).items() if callable(value) and not key.startswith("_")]:
                    stack.enter_context(_replaced(owner, public, f"{name}.{public}"))
            elif hasattr(owner, attribute):
                stack.enter_context(_replaced(owner, attribute, name))
        yield


@contextmanager
def _replaced(owner: Any, attribute: str, name: str) -> Generator[None, None, None]:
    value = getattr(owner, attribute)
    if isinstance(value, type):
        with mock.patch.object(value, "__init__", _refusal(name)):
            yield
    else:
        with mock.patch.object(owner, attribute, _refusal(name)):
            yield


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise Banned(name)

    return refuse


def _resolve(name: str) -> tuple[Any, str]:
    """The module itself and "", or the owner of the last part and its name; `Tensor.x` is `torch.Tensor.x`."""
    parts = (f"torch.{name}" if name.startswith("Tensor.") else name).split(".")
    owner: Any = importlib.import_module(parts[0])
    for i, part in enumerate(parts[1:], start=1):
        try:
            owner_next = getattr(owner, part)
        except AttributeError:
            owner_next = importlib.import_module(".".join(parts[: i + 1]))
        if i == len(parts) - 1 and not isinstance(owner_next, type(ast)):
            return owner, part
        owner = owner_next
    return owner, ""
