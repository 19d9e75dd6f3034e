"""Check the checks: what a lesson's grader says of the solution, the stub, lazy answers, known mistakes and other right answers.

Of a lesson `<id>`, `tests/variants/<id>/mutants.toml` holds the known mistakes as named edits of the solution, and the
other files `tests/variants/<id>/<name>.py` are differently written right answers, the alternates.
"""

from __future__ import annotations

import tempfile
import time
import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader import answers
from grader.desk import Desk
from grader.lesson import Check, Lesson, checks_of, mistakes_of, read_lesson
from grader.run import MakeFace, run_lesson
from grader.stub import todo_functions
from grader.verdict import Verdict

SEEDS_OF_ALL_CHECKS = 2
SEEDS_OF_LISTED_CHECKS = 5


class BadVariant(Exception):
    """A mutant's edit does not fit the solution, or the file lacks an entry; the text says which."""


@dataclass(frozen=True)
class Mutant:
    """A known mistake: the edits that make it, the checks that it must fail, and the diagnoses that are true of it.

    The first diagnosis must be given by some check; the others may be.
    """

    name: str
    mistake: str
    edits: tuple[tuple[str, str], ...]
    fails: frozenset[str]
    diagnosis: tuple[str, ...]

    def of(self, solution: str) -> str:
        """The solution with this mistake."""
        for find, put in self.edits:
            if solution.count(find) != 1:
                raise BadVariant(
                    f"mutant {self.name}: {find!r} occurs {solution.count(find)} times in the solution, it must once"
                )
            solution = solution.replace(find, put)
        return solution


@dataclass(frozen=True)
class Subject:
    """A lesson with all that its audit needs."""

    lesson: Lesson
    root: Path
    face: MakeFace = Desk

    @classmethod
    def of(cls, root: Path, lesson: str, face: MakeFace = Desk) -> Subject:
        return cls(read_lesson(root / "exercises" / lesson), root, face)

    @cached_property
    def solution(self) -> str:
        return self.solution_path.read_text(encoding="utf-8")

    @property
    def solution_path(self) -> Path:
        return self.root / "solutions" / self.lesson.id / self.lesson.stub.name

    @cached_property
    def checks(self) -> list[Check]:
        return checks_of(self._grader)

    @cached_property
    def mistakes(self) -> dict[str, str]:
        return mistakes_of(self._grader)

    @cached_property
    def _grader(self):  # noqa: ANN202  (a module)
        return self.lesson.load_grader()

    @cached_property
    def mutants(self) -> list[Mutant]:
        path = self.root / "tests" / "variants" / self.lesson.id / "mutants.toml"
        return [_mutant(name, entry) for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()]

    @cached_property
    def alternates(self) -> list[Path]:
        return sorted((self.root / "tests" / "variants" / self.lesson.id).glob("*.py"))

    def mutant(self, name: str) -> Mutant:
        """The mutant of that name."""
        return next(mutant for mutant in self.mutants if mutant.name == name)

    def right(self, name: str) -> Path:
        """The solution, or the alternate of that name."""
        return self.solution_path if name == "solution" else next(path for path in self.alternates if path.stem == name)

    def lazy(self) -> dict[str, str]:
        """The lazy answers by name."""
        return answers.lazy(self.solution, self._functions)

    def strange(self) -> dict[str, str]:
        """The strange answers by name."""
        return answers.strange(self.solution, self._functions)

    @property
    def _functions(self) -> list[str]:
        return todo_functions(self.solution, str(self.solution_path))

    def grade(self, source: str | Path, seed: int, only: frozenset[str] = frozenset()) -> list[Verdict]:
        """The verdicts on `source`, a path or the text of a module, by all checks or `only` those named."""
        checks = [check for check in self.checks if not only or check.name in only]
        if isinstance(source, Path):
            return self._run(source, seed, checks)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / self.lesson.stub.name
            path.write_text(source, encoding="utf-8")
            return self._run(path, seed, checks)

    def _run(self, path: Path, seed: int, checks: list[Check]) -> list[Verdict]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of many a mistake, and of nothing that matters here
            return run_lesson(self.lesson, checks, path.absolute(), seed, self.mistakes, face=self.face)


def _mutant(name: str, entry: dict) -> Mutant:  # type: ignore[type-arg]
    absent = {"mistake", "edits", "fails"} - entry.keys()
    extra = entry.keys() - {"mistake", "edits", "fails", "diagnosis"}
    if absent or extra:
        raise BadVariant(
            f"mutant {name}: " + ", ".join([f"no `{key}`" for key in absent] + [f"unknown `{key}`" for key in extra])
        )
    edits = tuple((find, put) for find, put in entry["edits"])
    return Mutant(name, entry["mistake"], edits, frozenset(entry["fails"]), _names(entry.get("diagnosis", [])))


def _names(entry: str | list[str]) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else tuple(entry)


def complaints_of_solution(subject: Subject, source: str | Path, seed: int) -> Iterator[str]:
    """What speaks against a right answer having been accepted: every check that it did not pass."""
    for verdict in subject.grade(source, seed):
        if verdict.outcome != "passed":
            yield f"seed {seed}: {verdict.name} {verdict.outcome}\n{verdict.message}"


def complaints_of_stub(subject: Subject, seed: int) -> Iterator[str]:
    """Every check that does not say `todo` of the untouched stub."""
    for verdict in subject.grade(subject.lesson.stub, seed):
        if verdict.outcome != "todo":
            yield f"{verdict.name} {verdict.outcome} on the stub\n{verdict.message}"


def complaints_of_lazy(subject: Subject, name: str, seed: int) -> Iterator[str]:
    """Every check that a lazy answer passes."""
    for verdict in subject.grade(subject.lazy()[name], seed):
        if verdict.outcome != "failed":
            yield f"seed {seed}: {verdict.name} {verdict.outcome} on the lazy answer `{name}`\n{verdict.message}"


def complaints_of_strange(subject: Subject, name: str, seed: int) -> Iterator[str]:
    """Every check that a strange answer brings down instead of failing it."""
    for verdict in subject.grade(subject.strange()[name], seed):
        if verdict.outcome not in ("failed", "passed"):
            yield f"seed {seed}: {verdict.name} {verdict.outcome} on the strange answer `{name}`\n{verdict.message}"


def complaints_of_mutant(subject: Subject, mutant: Mutant, seed: int) -> Iterator[str]:
    """Where the checks that fail a mutant, or their diagnoses, are not those listed.

    The first seeds run all checks, the next ones those listed; then each seed runs one of the listed checks in turn, for by
    then the only question left is whether luck can let the mutant live.
    """
    fails = sorted(mutant.fails)
    if seed < SEEDS_OF_ALL_CHECKS or not fails:
        only = frozenset[str]()
    else:
        only = mutant.fails if seed < SEEDS_OF_LISTED_CHECKS else frozenset({fails[seed % len(fails)]})
    verdicts = subject.grade(mutant.of(subject.solution), seed, only)
    failed = {verdict.name for verdict in verdicts if verdict.outcome == "failed"}
    for verdict in verdicts:
        if verdict.outcome not in ("passed", "failed"):
            yield f"seed {seed}: {verdict.name} {verdict.outcome} on {mutant.name}\n{verdict.message}"
        if verdict.diagnosis not in (None, *mutant.diagnosis):
            yield f"seed {seed}: {verdict.name} calls {mutant.name} `{verdict.diagnosis}`"
    if failed != (only or mutant.fails):
        unlisted, passed = sorted(failed - mutant.fails), sorted((only or mutant.fails) - failed)
        yield f"seed {seed}: {mutant.name} fails {unlisted}, which are not listed, and passes {passed}, which are"
    diagnosed = {verdict.diagnosis for verdict in verdicts}
    if seed < SEEDS_OF_LISTED_CHECKS and mutant.diagnosis and mutant.diagnosis[0] not in diagnosed:
        yield f"seed {seed}: no check names {mutant.name} `{mutant.diagnosis[0]}`"


def complaints_of_list(subject: Subject) -> Iterator[str]:
    """Checks that no mutant fails, diagnoses without a sentence, sentences without a diagnosis."""
    names = {check.name for check in subject.checks}
    failed = {name for mutant in subject.mutants for name in mutant.fails}
    diagnoses = {diagnosis for mutant in subject.mutants for diagnosis in mutant.diagnosis}
    yield from (f"no mutant fails {name}" for name in sorted(names - failed))
    yield from (f"mutants.toml names {name}, which is no check" for name in sorted(failed - names))
    yield from (f"`{name}` has no sentence in MISTAKES" for name in sorted(diagnoses - subject.mistakes.keys()))
    yield from (f"no mutant is diagnosed as `{name}`" for name in sorted(subject.mistakes.keys() - diagnoses))


@dataclass(frozen=True)
class Row:
    """One lesson's line in the table of an audit."""

    lesson: str
    checks: int
    mutants: int
    named: int
    alternates: int
    seconds: float
    complaints: list[str]


def audit(subject: Subject, seeds: range) -> Row:
    """Everything above over all `seeds`."""
    started = time.monotonic()
    complaints = list(complaints_of_list(subject))
    complaints += complaints_of_stub(subject, seeds[0])
    for name in subject.lazy():
        complaints += complaints_of_lazy(subject, name, seeds[0])
    for name in subject.strange():
        complaints += complaints_of_strange(subject, name, seeds[0])
    for seed in seeds:
        for right in [subject.solution_path, *subject.alternates]:
            complaints += (f"{right.name}: {text}" for text in complaints_of_solution(subject, right, seed))
        for mutant in subject.mutants:
            complaints += complaints_of_mutant(subject, mutant, seed)
    named = sum(bool(mutant.diagnosis) for mutant in subject.mutants)
    return Row(
        subject.lesson.id,
        len(subject.checks),
        len(subject.mutants),
        named,
        len(subject.alternates),
        time.monotonic() - started,
        complaints,
    )


def report(root: Path, lessons: list[str], seeds: int) -> int:
    """Audit `lessons` (all where none is named) and print the table; 0 where there is no complaint."""
    chosen = lessons or sorted(path.parent.name for path in (root / "exercises").glob("*/test_*.py"))
    rows = [audit(Subject.of(root, lesson), range(seeds)) for lesson in chosen]
    for row in rows:
        for complaint in row.complaints:
            print(f"{row.lesson}: {complaint}\n")
    print(f"{'lesson':<8}{'checks':>7}{'mutants':>9}{'named':>7}{'alternates':>12}{'complaints':>12}{'seconds':>9}")
    for row in rows:
        numbers = f"{row.checks:>7}{row.mutants:>9}{row.named:>7}{row.alternates:>12}{len(row.complaints):>12}{row.seconds:>9.1f}"
        print(f"{row.lesson:<8}{numbers}")
    return 1 if any(row.complaints for row in rows) else 0
