"""The lesson texts: order, signatures, links, mathematics and code that runs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from latex2mathml.converter import convert
from markdown_it import MarkdownIt

from grader import demo
from grader.lesson import checks_of, read_lesson
from grader.stub import todo_functions

ROOT = Path(__file__).parent.parent
LESSONS = sorted(path.parent for path in (ROOT / "exercises").glob("*/test_*.py"))
HEADINGS = [
    "Introduction",
    "ELI5",
    "Mathematical foundations",
    "In-depth explanation",
    "Demonstration",
    "Exercises",
    "What you may observe",
    "Summary",
    "Key takeaways",
]
ENDING = ["Quiz", "Checklist"]

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)


def text(lesson: Path) -> str:
    return (lesson / "README.md").read_text(encoding="utf-8")


def prose(lesson: Path) -> str:
    """The text without its code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```$", "", text(lesson), flags=re.MULTILINE | re.DOTALL))


def headings(lesson: Path, level: int) -> list[str]:
    tokens = MarkdownIt().parse(text(lesson))
    return [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open" and token.tag == f"h{level}"]


@every_lesson
def test_headings_stand_in_the_courses_order(lesson: Path) -> None:
    assert headings(lesson, 2) == HEADINGS + (ENDING if "answers" in functions(lesson) else [])


def functions(lesson: Path) -> list[str]:
    solution = ROOT / "solutions" / lesson.name / read_lesson(lesson).stub.name
    return todo_functions(solution.read_text(encoding="utf-8"), str(solution))


def signature(node: ast.stmt) -> str:
    """The line `def name(…) -> …`, in one way of writing it."""
    return ast.unparse(node).partition("\n")[0]


@every_lesson
def test_quoted_signatures_are_the_solutions(lesson: Path) -> None:
    solution = ROOT / "solutions" / lesson.name / read_lesson(lesson).stub.name
    tree = ast.parse(solution.read_text(encoding="utf-8"))
    todo = functions(lesson)
    signatures = [signature(node) for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in todo]
    section = text(lesson).partition("\n## Exercises\n")[2].partition("\n## ")[0]
    quoted = re.findall(r"^### \d+\. `(.+)`$", section, flags=re.MULTILINE)
    assert [signature(ast.parse(f"def {text}: ...").body[0]) for text in quoted] == signatures


@every_lesson
def test_quoted_points_are_the_checks(lesson: Path) -> None:
    section = text(lesson).partition("\n## Exercises\n")[2].partition("\n## ")[0]
    quoted = dict(re.findall(r"^### \d+\. `(\w+).*?([\d.]+) points?\b", section, flags=re.MULTILINE | re.DOTALL))
    points: dict[str, float] = {}
    for check in checks_of(read_lesson(lesson).load_grader()):
        points[check.function] = points.get(check.function, 0) + check.points
    assert {name: float(number) for name, number in quoted.items()} == points


@every_lesson
def test_what_a_failure_says_to_read_is_a_heading(lesson: Path) -> None:
    known = {heading for level in (2, 3, 4) for heading in headings(lesson, level)}
    named = {check.read for check in checks_of(read_lesson(lesson).load_grader()) if check.read}
    assert named <= known


@every_lesson
def test_no_html(lesson: Path) -> None:
    tokens = MarkdownIt().parse(text(lesson))
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert not {"html_block", "html_inline"} & kinds


@every_lesson
def test_links_lead_somewhere(lesson: Path) -> None:
    tokens = MarkdownIt().parse(text(lesson))
    targets = [str(child.attrs["href"]) for token in tokens for child in token.children or () if child.type == "link_open"]
    for target in targets:
        if not target.startswith("https://"):
            assert (lesson / target.partition("#")[0]).exists(), target


@every_lesson
def test_mathematics_parses(lesson: Path) -> None:
    text = prose(lesson)
    displayed = re.findall(r"\$\$(.+?)\$\$", text, flags=re.DOTALL)
    inline = re.findall(r"(?<!\\)\$([^$\n]+?)\$", re.sub(r"\$\$.+?\$\$", "", text, flags=re.DOTALL))
    assert displayed
    assert inline
    assert re.sub(r"\$\$.+?\$\$|(?<!\\)\$[^$\n]+?\$", "", text, flags=re.DOTALL).count("$") == text.count("\\$")
    for formula in displayed + inline:
        assert formula.count("{") == formula.count("}"), formula
        assert "\\" not in convert(formula), formula  # an unknown command is left as it is


@every_lesson
def test_all_code_is_python(lesson: Path) -> None:
    for token in MarkdownIt().parse(text(lesson)):
        if token.type == "fence" and token.info == "python":
            ast.parse(token.content)


@every_lesson
def test_the_demonstration_is_typed_and_makes_a_figure(lesson: Path, tmp_path: Path) -> None:
    code = demo.demonstration(lesson / "README.md")
    untyped = [node.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef) and node.returns is None]
    assert untyped == []
    command = [sys.executable, "-W", "error", "-m", "grader.cli", "figure", lesson.name, "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "MPLBACKEND": "Agg"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"{lesson.name}.png").stat().st_size > 10_000


@every_lesson
def test_the_sum_rule_of_the_mse_is_said(lesson: Path) -> None:
    if "MSE" in text(lesson):
        assert re.search(r"plain mean|2/N|\\frac\{2\}\{N\}|2 / N", text(lesson))
