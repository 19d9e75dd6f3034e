"""Verdicts for people: a failure on the terminal, the scores of a lesson, and the JSON document of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from grader.verdict import Verdict


@dataclass(frozen=True)
class Result:
    """A verdict and the lesson it belongs to, with what a report says beside it."""

    lesson: str
    lesson_title: str
    folder: str
    code: str
    notes: tuple[str, ...]
    verdict: Verdict

    @classmethod
    def of(cls, run: Any, verdict: Verdict) -> Result:
        from grader.run import relative

        return cls(
            run.lesson.id,
            run.lesson.title,
            relative(run.lesson.folder),
            relative(getattr(run.face, "path", run.lesson.stub)),
            tuple(run.face.notes),
            verdict,
        )

    def as_plain(self) -> dict[str, Any]:
        return {**vars(self), "notes": list(self.notes), "verdict": self.verdict.as_json()}

    @classmethod
    def from_plain(cls, found: dict[str, Any]) -> Result:
        return cls(
            lesson=found["lesson"],
            lesson_title=found["lesson_title"],
            folder=found["folder"],
            code=found["code"],
            notes=tuple(found["notes"]),
            verdict=Verdict(**found["verdict"]),
        )


class Failure:
    """What pytest prints for a check that did not pass, in place of a traceback."""

    def __init__(self, result: Result, again: bool = False) -> None:
        self.result = result
        self.again = again

    def toterminal(self, tw: Any) -> None:
        """Write with colours where the terminal has them."""
        tw.line(self._headline(), red=True, bold=True)
        if self.again:
            tw.line("The same fault of the file as above.")
            return
        for line in ["", *self.result.verdict.message.splitlines()]:
            label = line.partition(":")[0].strip()
            tw.line("  " + line if line else "", **COLOURS.get(label, {}))

    def __str__(self) -> str:
        body = "The same fault of the file as above." if self.again else f"\n{self.result.verdict.message}"
        return f"{self._headline()}\n{body}"

    def _headline(self) -> str:
        verdict = self.result.verdict
        word = {"failed": "FAILED", "todo": "TODO", "could_not_check": "COULD NOT CHECK"}[verdict.outcome]
        where = "" if verdict.device == "cpu" else f" on {verdict.device}"
        points = f"(0 of {verdict.max_points:g} points)" if verdict.max_points else "(no points)"
        return f"{word} {self.result.lesson}  {verdict.title}{where}  {points}"


COLOURS: dict[str, dict[str, bool]] = {
    "Looks like": {"yellow": True, "bold": True},
    "Your code": {"cyan": True},
    "Read": {"cyan": True},
    "Again": {"cyan": True},
}


def document(results: list[Result], kit: str, seed: int, devices: list[str]) -> dict[str, Any]:
    """The object that `--report-json` writes."""
    lessons = [
        {
            "lesson": lesson,
            "title": title,
            "score": sum(result.verdict.points for result in group),
            "max_score": sum(result.verdict.max_points for result in group),
            "checks": [result.verdict.as_json() for result in group],
        }
        for (lesson, title), group in _by_lesson(results)
    ]
    return {"kit": kit, "seed": seed, "device": devices, "lessons": lessons}


def _by_lesson(results: list[Result]) -> list[tuple[tuple[str, str], list[Result]]]:
    ordered = sorted(results, key=lambda result: result.lesson)
    return [(key, list(group)) for key, group in groupby(ordered, key=lambda result: (result.lesson, result.lesson_title))]


def write_scores(tr: Any, results: list[Result]) -> None:
    """The table of a run: per lesson the functions with their points, the score, and what to do next."""
    for (lesson, title), group in _by_lesson(results):
        tr.section(f"{lesson} · {title}", sep="-")
        for function, verdicts in _by_function(group):
            _write_function(tr, function, verdicts)
        score = sum(result.verdict.points for result in group)
        most = sum(result.verdict.max_points for result in group)
        tr.write_line(f"  {'score':<28}{score:>5g} of {most:g}", bold=True)
        for note in sorted({note for result in group for note in result.notes}):
            tr.write_line(f"  Note: your code changed {note}; it was put back after each call.", yellow=True)
        tr.write_line(f"  Next: {_next_step(group)}")


def _by_function(group: list[Result]) -> list[tuple[str, list[Verdict]]]:
    functions = dict.fromkeys(result.verdict.function for result in group)
    return [(name, [result.verdict for result in group if result.verdict.function == name]) for name in functions]


def _write_function(tr: Any, function: str, verdicts: list[Verdict]) -> None:
    points, most = sum(v.points for v in verdicts), sum(v.max_points for v in verdicts)
    outcomes = {verdict.outcome for verdict in verdicts}
    words = {"todo": "to do", "could_not_check": "could not be checked", "failed": _count(verdicts, "failed")}
    state = ", ".join(word for outcome, word in words.items() if outcome in outcomes)
    colour = {"red": True} if "failed" in outcomes else {"yellow": True} if outcomes - {"passed"} else {"green": True}
    tr.write_line(f"  {function:<28}{points:>5g} of {most:g}   {state}".rstrip(), **colour)


def _count(verdicts: list[Verdict], outcome: str) -> str:
    number = sum(verdict.outcome == outcome for verdict in verdicts)
    return f"{number} of {len(verdicts)} checks failed"


def _next_step(group: list[Result]) -> str:
    failed = next((result for result in group if result.verdict.outcome == "failed"), None)
    todo = next((result for result in group if result.verdict.outcome == "todo"), None)
    if failed is None and todo is None:
        broken = any(result.verdict.outcome == "could_not_check" for result in group)
        return "report what could not be checked." if broken else "every check passed; on to the next lesson."
    if todo is not None and (failed is None or group.index(todo) < group.index(failed)):
        return f"write `{todo.verdict.function}` in {todo.code}; {todo.folder}/README.md tells how."
    assert failed is not None
    return f"mend `{failed.verdict.function}` in {failed.code}: {failed.verdict.title}."


def write_json(path: Any, found: dict[str, Any]) -> None:
    """Write `found` to `path`, readable by people."""
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
