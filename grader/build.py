"""Write every stub from its solution, or say which one differs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from grader.stub import BadMarker, cut


class CannotBuild(Exception):
    """The folders are not the kit's, or a solution's markers are wrong; the text says which and where."""


def stubs(root: Path) -> Iterator[tuple[Path, str]]:
    """The path of every stub under `root` and the text that belongs there.

    Raises:
        CannotBuild: as its docstring says.
    """
    solutions = sorted((root / "solutions").glob("*/*.py"))
    if not solutions:
        raise CannotBuild(
            f"there is no solutions/<lesson>/<module>.py in {root.resolve()}; run this in the kit's folder, or say --root"
        )
    for solution in solutions:
        try:
            text = cut(solution.read_text(encoding="utf-8"), str(solution))
        except (BadMarker, SyntaxError) as error:
            raise CannotBuild(str(error)) from None
        yield root / "exercises" / solution.parent.name / solution.name, text


def write(root: Path) -> int:
    """Write the stubs that differ."""
    written = 0
    for path, text in stubs(root):
        if _read(path) != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}")
            written += 1
    print(f"{written} stubs written")
    return 0


def check(root: Path) -> int:
    """Say which stubs differ; 0 where none does."""
    stale = [path for path, text in stubs(root) if _read(path) != text]
    for path in stale:
        print(f"{path} differs from its solution; write it again: trainloop build", file=sys.stderr)
    if not stale:
        print("every stub is cut from its solution")
    return 1 if stale else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
