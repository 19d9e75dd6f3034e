"""Every lesson keeps the contract: right answers pass, known mistakes fail as listed, no check passes for nothing."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pytest

from grader import audit
from grader.audit import Subject
from grader.isolation import levels
from grader.isolation.proxy import Proxy
from grader.run import takes_student_and_given
from grader.stub import todo_functions

ROOT = Path(__file__).parent.parent
LESSONS = sorted(path.parent.name for path in (ROOT / "exercises").glob("*/test_*.py"))
SEEDS = range(20)


@cache
def subject(lesson: str) -> Subject:
    return Subject.of(ROOT, lesson)


@cache
def isolated(lesson: str) -> Subject:
    warm = levels.find().warm  # ends with this process, whose end closes its control socket
    return Subject.of(ROOT, lesson, partial(Proxy, warm=warm))


def complaints_of_faces(lesson: str, name: str) -> Iterator[str]:
    """Where the isolated face says something else than the desk: of the stub, the solution, an alternate or a mutant."""
    of = subject(lesson)
    rights = {"stub": of.lesson.stub, **{right: of.right(right) for right in ["solution", *(p.stem for p in of.alternates)]}}
    with tempfile.TemporaryDirectory() as folder:  # one path, which is part of the messages
        path = Path(folder) / of.lesson.stub.name
        path.write_text(rights[name].read_text("utf-8") if name in rights else of.mutant(name).of(of.solution), "utf-8")
        only = frozenset[str]() if name in rights else of.mutant(name).fails
        pairs = zip(of.grade(path, 1, only), isolated(lesson).grade(path, 1, only), strict=True)
        yield from (f"on the desk {desk}\nisolated {other}" for desk, other in pairs if desk != other)


@dataclass(frozen=True)
class Task:
    """What is computed for one test, in a process of its own."""

    lesson: str
    kind: str
    name: str = ""

    def __call__(self) -> list[str]:
        of = subject(self.lesson)
        if self.kind == "faces":
            return list(complaints_of_faces(self.lesson, self.name))
        complaints = {
            "right": lambda seed: audit.complaints_of_solution(of, of.right(self.name), seed),
            "mutant": lambda seed: audit.complaints_of_mutant(of, of.mutant(self.name), seed),
            "lazy": lambda seed: audit.complaints_of_lazy(of, self.name, seed),
            "strange": lambda seed: audit.complaints_of_strange(of, self.name, seed),
            "stub": lambda seed: audit.complaints_of_stub(of, seed),
        }[self.kind]
        seeds = SEEDS[:1] if self.kind == "strange" else SEEDS
        return [text for seed in seeds for text in complaints(seed)]


def tasks(kind: str) -> list[Task]:
    names = {
        "right": lambda of: ["solution", *(path.stem for path in of.alternates)],
        "mutant": lambda of: [mutant.name for mutant in of.mutants],
        "lazy": lambda of: list(of.lazy()),
        "strange": lambda of: list(of.strange()),
        "stub": lambda of: [""],
        "faces": lambda of: ["stub", "solution", *(p.stem for p in of.alternates), *(m.name for m in of.mutants)],
    }[kind]
    return [Task(lesson, kind, name) for lesson in LESSONS for name in names(subject(lesson))]


def of_kind(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("task", [pytest.param(task, id=f"{task.lesson}-{task.name or kind}") for task in tasks(kind)])


@of_kind("right")
def test_a_right_answer_passes_every_check(task: Task, audited: list[str]) -> None:
    assert audited == []


@of_kind("mutant")
def test_a_known_mistake_fails_its_checks_and_is_named_or_not(task: Task, audited: list[str]) -> None:
    assert audited == []


@of_kind("lazy")
def test_a_lazy_answer_fails_every_check(task: Task, audited: list[str]) -> None:
    assert audited == []


@of_kind("strange")
def test_a_strange_answer_brings_no_check_down(task: Task, audited: list[str]) -> None:
    assert audited == []


@of_kind("stub")
def test_the_stub_is_to_do_everywhere(task: Task, audited: list[str]) -> None:
    assert audited == []


@pytest.mark.skipif(sys.platform != "linux", reason="isolation needs Linux")
@of_kind("faces")
def test_both_faces_say_the_same(task: Task, audited: list[str]) -> None:
    assert audited == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_check_is_failed_and_every_diagnosis_explained(lesson: str) -> None:
    assert list(audit.complaints_of_list(subject(lesson))) == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_two_alternates_or_more(lesson: str) -> None:
    assert len(subject(lesson).alternates) >= 2


@pytest.mark.parametrize("lesson", LESSONS)
def test_points_add_up_to_ten(lesson: str) -> None:
    assert sum(check.points for check in subject(lesson).checks) == pytest.approx(10)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_checks_cover_the_todo_functions_and_no_others(lesson: str) -> None:
    of = subject(lesson)
    todo = {name.partition(".")[0] for name in todo_functions(of.solution, str(of.solution_path))}
    assert {check.function for check in of.checks} == todo


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_test_function_is_a_check_of_student_and_given(lesson: str) -> None:
    grader = subject(lesson).lesson.load_grader()
    functions = {name: value for name, value in vars(grader).items() if name.startswith("test_")}
    assert set(functions) == {check.name for check in subject(lesson).checks}
    assert all(takes_student_and_given(function) for function in functions.values())


@pytest.mark.parametrize("lesson", LESSONS)
def test_four_of_five_mutants_are_named(lesson: str) -> None:
    mutants = subject(lesson).mutants
    assert sum(bool(mutant.diagnosis) for mutant in mutants) >= 0.8 * len(mutants)


def test_the_same_seed_gives_the_same_inputs() -> None:
    of = subject(LESSONS[0])
    first, second = (of.grade(of.mutants[0].of(of.solution), seed=5) for _ in range(2))
    assert [(v.outcome, v.diagnosis) for v in first] == [(v.outcome, v.diagnosis) for v in second]


def test_a_mutant_edit_that_fits_nowhere_is_an_error() -> None:
    lost = audit.Mutant("lost", "none", (("no such text", ""),), frozenset(), ())
    with pytest.raises(audit.BadVariant, match="occurs 0 times"):
        lost.of(subject(LESSONS[0]).solution)


def test_a_mutant_with_a_wrong_list_is_complained_about() -> None:
    of = subject(LESSONS[0])
    real = of.mutants[0]
    liar = audit.Mutant(real.name, real.mistake, real.edits, frozenset({of.checks[-1].name}), ("nobody",))
    complaints = "\n".join(audit.complaints_of_mutant(of, liar, seed=0))
    assert "which are not listed" in complaints
    assert "no check names" in complaints


def test_audit_prints_a_table_and_fails_on_a_complaint(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert audit.report(ROOT, [LESSONS[0]], seeds=1) == 0
    assert LESSONS[0] in capsys.readouterr().out
    monkeypatch.setattr(audit, "complaints_of_stub", partial(lambda *_: iter(["something"])))
    assert audit.report(ROOT, [LESSONS[0]], seeds=1) == 1
    assert "something" in capsys.readouterr().out
