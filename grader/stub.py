"""Cut a stub from a solution: what stands between the two markers becomes one line that says what is still to do.

The markers are nbgrader's own, https://nbgrader.readthedocs.io/en/stable/user_guide/creating_and_grading_assignments.html
"""

from __future__ import annotations

import ast
import re

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
STILL_TO_DO = re.compile(r"([\w.]+) is still to do")


class BadMarker(Exception):
    """A marker is nested, unopened, unclosed or outside a function; the text gives file and line."""


def cut(solution: str, path: str) -> str:
    """The stub of `solution`; `path` is named in errors.

    Raises:
        BadMarker: as its docstring says.
    """
    owners = _owners(ast.parse(solution, path))
    lines: list[str] = []
    opened = 0
    for number, line in enumerate(solution.splitlines(), start=1):
        marker = line.strip()
        if marker == BEGIN:
            if opened:
                raise BadMarker(f"{path}:{number}: {BEGIN} inside the region opened in line {opened}")
            if number not in owners:
                raise BadMarker(f"{path}:{number}: {BEGIN} outside a function")
            opened = number
            indent = line[: line.index(BEGIN)]
            lines.append(f'{indent}raise NotImplementedError("{owners[number]} is still to do")')
        elif marker == END:
            if not opened:
                raise BadMarker(f"{path}:{number}: {END} without {BEGIN}")
            opened = 0
        elif BEGIN in line or END in line:
            raise BadMarker(f"{path}:{number}: a marker stands alone in its line")
        elif not opened:
            lines.append(line)
    if opened:
        raise BadMarker(f"{path}:{opened}: {BEGIN} without {END}")
    return "\n".join(lines) + "\n"


def todo_functions(solution: str, path: str) -> list[str]:
    """The names whose bodies `cut` removes, in the order of the file; a method counts as `Class.method`."""
    owners = _owners(ast.parse(solution, path))
    begins = [n for n, line in enumerate(solution.splitlines(), start=1) if line.strip() == BEGIN]
    return list(dict.fromkeys(owners[number] for number in begins if number in owners))


def _owners(tree: ast.Module) -> dict[int, str]:
    """For every line inside a function: the function's name; the innermost class or function of the file's top wins."""
    owners: dict[int, str] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.FunctionDef):
                owners.update(dict.fromkeys(range(child.lineno, (child.end_lineno or child.lineno) + 1), prefix + child.name))

    visit(tree, "")
    return owners
