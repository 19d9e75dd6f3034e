"""The results of grading as files: JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.show import printable
from grader.verdict import Verdict

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Mark:
    """One submission graded: whose, of which lesson, under which seed, and the verdicts. `fault` is the kit's own."""

    student: str
    lesson: str
    seed: int
    verdicts: tuple[Verdict, ...]
    fault: str | None = None

    @property
    def score(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def max_score(self) -> float:
        return sum(verdict.max_points for verdict in self.verdicts)

    @property
    def graded(self) -> bool:
        """Whether every check came to a verdict."""
        return self.fault is None and all(verdict.outcome != "could_not_check" for verdict in self.verdicts)

    def as_plain(self) -> dict[str, Any]:
        scores = {"score": self.score, "max_score": self.max_score, "graded": self.graded, "fault": self.fault}
        checks = [asdict(verdict) for verdict in self.verdicts]
        return {"student": self.student, "lesson": self.lesson, "seed": self.seed, **scores, "checks": checks}

    @classmethod
    def from_plain(cls, found: dict[str, Any]) -> Mark:
        verdicts = tuple(Verdict(**check) for check in found["checks"])
        return cls(found["student"], found["lesson"], found["seed"], verdicts, found["fault"])

    def line(self) -> str:
        """What is said of it on the terminal."""
        told = self.fault or ("" if self.graded else "some checks could not be carried out")
        return f"{self.student}  {self.lesson}  {self.score:g} of {self.max_score:g}  {told}".rstrip()


def shown(name: str) -> str:
    """A folder's name as text for people: no byte that is no character, nothing that a terminal acts on."""
    return printable(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")).replace("\n", " ").replace("\t", " ")


def write_json(path: Path, marks: list[Mark], kit: str, isolation: str) -> None:
    """Write all `marks` to `path`."""
    found = {"kit": kit, "isolation": isolation, "submissions": [mark.as_plain() for mark in marks]}
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_csv(path: Path, marks: list[Mark]) -> None:
    """Write one row per student and lesson to `path`, with a column per check."""
    names = list(dict.fromkeys((mark.lesson, verdict.name) for mark in marks for verdict in mark.verdicts))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["student", "lesson", "score", "max_score", *(f"{lesson} {name}" for lesson, name in names)])
        for mark in marks:
            points = {(mark.lesson, verdict.name): f"{verdict.points:g}" for verdict in mark.verdicts}
            cells = [mark.student, mark.lesson, f"{mark.score:g}", f"{mark.max_score:g}", *(points.get(n, "") for n in names)]
            table.writerow([neutral(cell) for cell in cells])


def neutral(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(RUN_BY_SPREADSHEETS) else cell
