"""What isolation costs: `uv run python benchmarks/isolation.py`.

Prints the median milliseconds of one check of lesson 1_2 on the desk and in a fresh child at each level of this machine,
and the time to start the warm process.
"""

from __future__ import annotations

import argparse
import statistics
import time
from functools import partial
from pathlib import Path

from grader.audit import Subject
from grader.desk import Desk
from grader.isolation import levels
from grader.isolation.launch import CannotIsolate
from grader.isolation.proxy import Proxy
from grader.run import MakeFace, run_lesson

ROOT = Path(__file__).parent.parent


def milliseconds(subject: Subject, face: MakeFace, rounds: int) -> list[float]:
    """The wall time of every check, the first round left out."""
    times: list[float] = []
    for number in range(rounds + 1):
        for check in subject.checks:
            started = time.perf_counter()
            verdict = run_lesson(subject.lesson, [check], subject.solution_path.absolute(), number, face=face)[0]
            assert verdict.outcome == "passed", verdict.message
            times += [1000 * (time.perf_counter() - started)] if number else []
    return times


def show(label: str, times: list[float], note: str = "") -> None:
    tenths = statistics.quantiles(times, n=10)
    print(f"{label:<14}{statistics.median(times):7.1f} ms a check   (9 of 10 below {tenths[-1]:.1f})   {note}".rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    subject = Subject.of(ROOT, "1_2")
    show("desk", milliseconds(subject, Desk, rounds))
    for level in (*levels.LEVELS, "none"):
        started = time.perf_counter()
        try:
            warm = levels.find(level).warm
        except CannotIsolate as error:
            print(f"{level:<14}not here: {error}")
            continue
        note = f"warm process after {time.perf_counter() - started:.1f} s"
        show(level, milliseconds(subject, partial(Proxy, warm=warm), rounds), note)
        warm.close()


if __name__ == "__main__":
    main()
