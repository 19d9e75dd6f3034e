"""Many submissions to marks: found in folders, graded in confined processes on all cores, kept as they come.

The trusted side alone runs here; a student's code runs in the children of each worker's warm process.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import secrets
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import util
from pathlib import Path

import grader
from grader.isolation import confine, levels
from grader.isolation.launch import Warm
from grader.isolation.proxy import Proxy
from grader.lesson import Check, Lesson, checks_of, mistakes_of, read_lesson, read_lessons
from grader.marks import Mark, shown, write_csv, write_json
from grader.run import run_lesson
from grader.submission import read_careful
from grader.verdict import CannotLoad

KEPT = Path(".trainloop") / "results"


@dataclass(frozen=True)
class Job:
    """One submission to grade: the module of one student for one lesson."""

    submissions: Path
    student: str
    lesson: Path
    module: Path
    seconds: float
    level: str


@dataclass(frozen=True)
class Orders:
    """What `trainloop grade` was asked for."""

    submissions: Path
    root: Path
    lessons: list[str]
    jobs: int
    seconds: float
    isolation: str | None
    force: bool
    json: Path | None
    csv: Path | None


def grade(orders: Orders) -> int:
    """Grade everything; 0 where all was graded, 1 where some could not be, 2 where the orders are wrong."""
    try:
        lessons = chosen_lessons(orders)
        found = levels.find(orders.isolation)
    except (WrongOrders, levels.CannotIsolate) as error:
        print(f"trainloop: {error}", file=sys.stderr)
        return 2
    found.warm.close()
    print("\n".join(found.said()), file=sys.stderr)
    jobs = list(jobs_of(orders, lessons, found.warm.level))
    kept = orders.root / KEPT
    marks = graded(jobs, kept, orders.jobs, orders.force)
    return report(orders, jobs, marks, found.warm.level)


class WrongOrders(Exception):
    """There is no such folder or lesson."""


def chosen_lessons(orders: Orders) -> list[Lesson]:
    """The lessons asked for, or those that anybody has handed in."""
    if not orders.submissions.is_dir():
        raise WrongOrders(f"there is no folder {orders.submissions}")
    known = {lesson.id: lesson for lesson in read_lessons(orders.root / "exercises")}
    unknown = [name for name in orders.lessons if name not in known]
    if unknown or not known:
        raise WrongOrders(f"no lesson {', '.join(unknown)} in {orders.root / 'exercises'}")
    handed_in = {path.name for path in orders.submissions.glob("*/*")}
    return [known[name] for name in orders.lessons] or [known[name] for name in known if name in handed_in]


def jobs_of(orders: Orders, lessons: list[Lesson], level: str) -> Iterator[Job]:
    """One job for every student and lesson, in the order of the table."""
    students = sorted(path.name for path in orders.submissions.iterdir() if path.is_dir() and not path.name.startswith("."))
    for student in students:
        for lesson in lessons:
            module = orders.submissions.absolute() / student / lesson.id / lesson.stub.name
            yield Job(orders.submissions.absolute(), student, lesson.folder.absolute(), module, orders.seconds, level)


def graded(jobs: list[Job], kept: Path, workers: int, force: bool) -> dict[Job, Mark]:
    """The marks of all `jobs` that could be had: those kept from an earlier run, and the others, each kept at once."""
    marks = {} if force else {job: mark for job in jobs if (mark := recall(kept, job)) is not None}
    left = [job for job in jobs if job not in marks]
    progress = Progress(len(jobs), len(marks))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, min(workers, len(left))), context, initializer=_end_with_parent) as pool:
        waiting = {pool.submit(grade_one, job): job for job in left}
        try:
            for job, mark in _as_they_come(waiting):
                marks[job] = mark
                keep(kept, job, mark)
                progress.one_more(mark)
        except KeyboardInterrupt:
            print("\ntrainloop: stopped; what is graded is kept, the same command goes on from here", file=sys.stderr)
            pool.shutdown(wait=False, cancel_futures=True)
    return marks


def _as_they_come(waiting: dict[Future[Mark], Job]) -> Iterator[tuple[Job, Mark]]:
    while waiting:
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            job = waiting.pop(future)
            try:
                yield job, future.result()
            except BrokenProcessPool:
                yield job, Mark(shown(job.student), job.lesson.name, 0, (), "the grading process died; run the command again")
            except Exception as error:
                yield job, Mark(shown(job.student), job.lesson.name, 0, (), f"{type(error).__name__}: {error}")


def _end_with_parent() -> None:
    """Let no worker outlive a run that was killed; it takes its warm process along."""
    if sys.platform == "linux":
        confine.die_with_parent()


def grade_one(job: Job) -> Mark:
    """Grade one submission under a secret seed of its own."""
    lesson, checks, mistakes = _loaded(job.lesson)
    seed = secrets.randbits(62)
    face = partial(Proxy, warm=_warm(job.level), read=partial(_read, job.submissions))
    verdicts = run_lesson(lesson, checks, job.module, seed, mistakes, face=face, seconds=job.seconds)
    mark = Mark(shown(job.student), lesson.id, seed, tuple(verdicts))
    if not mark.graded:
        _warm.cache_clear()  # whatever befell the warm process, the next submission gets a fresh one
    return mark


@cache
def _loaded(folder: Path) -> tuple[Lesson, list[Check], dict[str, str]]:
    lesson = read_lesson(folder)
    module = lesson.load_grader()
    return lesson, checks_of(module), mistakes_of(module)


@cache
def _warm(level: str) -> Warm:
    warm = levels.find(level).warm
    util.Finalize(None, warm.close, exitpriority=10)  # atexit does not run in a worker
    return warm


def _read(submissions: Path, path: Path) -> bytes:
    """The bytes of a submission that is really there: no folder on the way to it is a link to somewhere else."""
    for folder in path.parents:
        if folder == submissions:
            break
        if folder.is_symlink():
            raise CannotLoad(f"The folder {folder.name} is a link; the files themselves must be handed in.")
    return read_careful(path)


def digest(job: Job) -> str:
    """Changes with whatever decides on the marks: the file, whose it is, the checks, the kit, the limits."""
    try:
        data = _read(job.submissions, job.module)
    except CannotLoad as error:
        data = error.facts.encode("utf-8", "replace")
    found = hashlib.sha256(data)
    for part in (str(job.module), str(job.seconds), job.level, _checks_digest(job.lesson)):
        found.update(b"\0" + part.encode("utf-8", "surrogateescape"))
    return found.hexdigest()


@cache
def _checks_digest(lesson: Path) -> str:
    found = hashlib.sha256()
    for path in [*sorted(lesson.glob("test_*.py")), *sorted(Path(grader.__file__).parent.rglob("*.py"))]:
        found.update(path.read_bytes())
    return found.hexdigest()


def keep(kept: Path, job: Job, mark: Mark) -> None:
    """Keep a mark for the next run; what could not be graded is tried again instead."""
    if not mark.graded:
        return
    kept.mkdir(parents=True, exist_ok=True)
    path = kept / f"{digest(job)}.json"
    new = path.with_suffix(".new")
    new.write_text(json.dumps(mark.as_plain()), encoding="utf-8")
    new.replace(path)  # a run that is killed leaves no half file


def recall(kept: Path, job: Job) -> Mark | None:
    """The mark that an earlier run gave the same file under the same checks."""
    path = kept / f"{digest(job)}.json"
    try:
        return Mark.from_plain(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def report(orders: Orders, jobs: list[Job], marks: dict[Job, Mark], level: str) -> int:
    """Write the files that were asked for and the last line; the exit code of the run."""
    from grader.plugin import kit_version

    ordered = [marks[job] for job in jobs if job in marks]
    if orders.json:
        write_json(orders.json, ordered, kit_version(), level)
    if orders.csv:
        write_csv(orders.csv, ordered)
    missed = len(jobs) - sum(mark.graded for mark in ordered)
    print(f"{len(jobs)} submissions, {len(jobs) - missed} graded" + (f", {missed} not" if missed else ""))
    return 1 if missed else 0


class Progress:
    """A line per submission, and on a terminal a last one with rate and time left."""

    def __init__(self, total: int, done: int) -> None:
        self._total, self._done, self._fresh = total, done, 0
        self._started = time.monotonic()
        self._terminal = sys.stderr.isatty()
        if done:
            print(f"{done} of {total} were graded before and have not changed (--force grades them again)", file=sys.stderr)

    def one_more(self, mark: Mark) -> None:
        self._done, self._fresh = self._done + 1, self._fresh + 1
        wipe = "\r\x1b[K" if self._terminal else ""
        print(f"{wipe}{mark.line()}", flush=True)
        if self._terminal:
            rate = self._fresh / (time.monotonic() - self._started)
            left = (self._total - self._done) / rate
            bar = "█" * (30 * self._done // self._total)
            text = f"{bar:<30} {self._done}/{self._total}  {rate:.1f}/s  {left:.0f} s left"
            print(text, end="" if self._done < self._total else "\n", file=sys.stderr, flush=True)


def cores() -> int:
    """How many submissions to grade at a time, where nothing else is asked for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
