"""A student's file, read but never run: its text, its functions, where they stand and what is wrong with the file."""

from __future__ import annotations

import ast
import difflib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType

from grader.show import printable
from grader.verdict import CannotLoad

MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Submission:
    """The text of a student's file, its syntax tree and its code."""

    path: Path
    source: str
    tree: ast.Module
    code: CodeType

    def function(self, name: str) -> ast.FunctionDef | ast.ClassDef | None:
        """The definition of `name` at the top of the file, the last one where there are several."""
        found = [node for node in self.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name]
        return found[-1] if found else None

    def line_of(self, name: str) -> int | None:
        """The line in which `name` (or the class of a `Class.method`) is defined."""
        node = self.function(name.partition(".")[0])
        return node.lineno if node else None

    def parameters(self, name: str) -> list[str]:
        """The names of the positional parameters of the function `name`, empty where there is none."""
        node = self.function(name)
        if not isinstance(node, ast.FunctionDef):
            return []
        return [argument.arg for argument in node.args.posonlyargs + node.args.args]

    def similar(self, name: str) -> str | None:
        """The defined name that `name` was probably meant to be."""
        names = [node.name for node in self.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        by_lower = {n.lower(): n for n in names}
        close = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.7)
        return by_lower[close[0]] if close else None

    def line(self, number: int) -> str:
        """The text of line `number` without its indentation, empty where there is no such line."""
        lines = self.source.splitlines()
        return printable(lines[number - 1].strip()) if 0 < number <= len(lines) else ""


def read_submission(path: Path) -> Submission:
    """Read and parse the file at `path`.

    Raises:
        CannotLoad: the file is missing, not a regular file, too large, not UTF-8, empty or no Python; the text says
            which, where, and what to do.
    """
    return parsed(path, _read(path))


def parsed(path: Path, data: bytes) -> Submission:
    """The submission of the bytes `data`; `path` is named in errors.

    Raises:
        CannotLoad: as `read_submission` says.
    """
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CannotLoad(
            f"{path.name} is not UTF-8: byte {data[error.start]:#04x} in line {line}.\nSave it again with the encoding UTF-8.",
            line=line,
        ) from None
    if not source.strip():
        raise CannotLoad(
            f"{path.name} is empty.\nPut the stub back: git checkout -- {path.name} (in its folder), or copy it from the kit."
        )
    try:
        return _parsed(path, source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _not_python(path, source, error) from None


@lru_cache(maxsize=8)
def _parsed(path: Path, source: str) -> Submission:
    tree = ast.parse(source, str(path))
    return Submission(path, source, tree, compile(tree, str(path), "exec", dont_inherit=True))


def _read(path: Path) -> bytes:
    if path.is_symlink() and not path.exists():
        raise CannotLoad(f"{path} is a link to a file that does not exist.")
    if path.is_dir():
        raise CannotLoad(f"{path} is a folder; a Python file of that name is expected.")
    if not path.exists():
        raise CannotLoad(f"There is no file {path.name} in {path.parent}.{_other_files(path)}")
    if not path.is_file():
        raise CannotLoad(f"{path} is not a regular file.")
    if path.stat().st_size > MOST_BYTES:
        raise CannotLoad(f"{path.name} has {path.stat().st_size:,} bytes; a submission has at most {MOST_BYTES:,}.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotLoad(f"{path.name} cannot be read: {error.strerror}.") from None


def read_careful(path: Path) -> bytes:
    """The bytes of a file that somebody else made: a regular file of a submission's size, no link to another.

    Raises:
        CannotLoad: it is something else, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise CannotLoad(f"{path.name} is a link; the file itself must be handed in.") from None
        if error.errno == errno.ENXIO:
            raise CannotLoad(f"{path} is not a regular file.") from None
        _read(path)  # says what is wrong
        raise CannotLoad(f"{path.name} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        what = "is a folder; a Python file of that name is expected" if path.is_dir() else "is not a regular file"
        raise CannotLoad(f"{path} {what}.")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MOST_BYTES + 1)
        size = os.fstat(descriptor).st_size
    if len(data) > MOST_BYTES:
        raise CannotLoad(f"{path.name} has {size:,} bytes; a submission has at most {MOST_BYTES:,}.")
    return data


def _other_files(path: Path) -> str:
    if not path.parent.is_dir():
        return ""
    close = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*.py")], n=1)
    return f"\nDid you mean {close[0]}? Rename it to {path.name}." if close else ""


def _not_python(path: Path, source: str, error: BaseException) -> CannotLoad:
    if not isinstance(error, SyntaxError):
        return CannotLoad(f"{path.name} is not Python that can be read: {error}.")
    line = error.lineno or 1
    lines = source.splitlines()
    text = printable(lines[line - 1]) if line <= len(lines) else ""
    mark = " " * max((error.offset or 1) - 1, 0) + "^"
    kind = type(error).__name__
    return CannotLoad(f"{kind} in line {line}: {error.msg}\n    {text}\n    {mark}", kind=kind, text=str(error.msg), line=line)


def reachable(submission: Submission, names: list[str]) -> Iterator[ast.AST]:
    """The top-level definitions `names` and those of the file that they mention, directly or through others."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        node = submission.function(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        yield node
        waiting += [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
