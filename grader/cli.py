"""The command `trainloop`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grader import build


def main(arguments: list[str] | None = None) -> int:
    """Run `trainloop` with `arguments`; returns the exit code: 0 done, 1 a difference or a fault, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="trainloop", description="The exercise kit of Learn the Training Loop with PyTorch.")
    commands = parser.add_subparsers(dest="command", required=True)
    builder = commands.add_parser("build", help="write the stubs from the solutions")
    builder.add_argument("--check", action="store_true", help="write nothing; fail where a stub differs from its solution")
    builder.add_argument("--root", type=Path, default=Path(), help="the folder with exercises/ and solutions/ (default: here)")
    figure = commands.add_parser("figure", help="run a lesson's demonstration and keep its figures")
    figure.add_argument("lesson", help="the id of the lesson, such as 1_4")
    figure.add_argument("--root", type=Path, default=Path(), help="the folder with exercises/ (default: here)")
    figure.add_argument("--out", type=Path, default=Path("figures"), help="where the PNG files go (default: figures)")
    auditor = commands.add_parser("audit", help="check the checks: solution, stub, mutants and alternates of each lesson")
    auditor.add_argument("lessons", nargs="*", metavar="lesson", help="the ids of the lessons (default: all)")
    auditor.add_argument("--seeds", type=int, default=20, help="how many seeds (default: 20)")
    auditor.add_argument("--root", type=Path, default=Path(), help="the kit's folder (default: here)")
    _add_grade(commands)
    commands.add_parser("doctor", help="say what this machine offers, and how to get what is missing")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "build":
            return build.check(chosen.root) if chosen.check else build.write(chosen.root)
        if chosen.command == "audit":
            from grader import audit

            return audit.report(chosen.root, chosen.lessons, chosen.seeds)
        if chosen.command == "grade":
            return _grade(chosen)
        if chosen.command == "doctor":
            from grader import doctor

            return doctor.report()
        from grader.demo import save_figures

        return save_figures(chosen.root / "exercises" / chosen.lesson, chosen.out)
    except build.CannotBuild as error:
        print(f"trainloop: {error}", file=sys.stderr)
        return 2


def _add_grade(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    grade = commands.add_parser("grade", help="grade a folder of submissions, each in a confined process")
    grade.add_argument("submissions", type=Path, help="the folder with <student>/<lesson>/<module>.py")
    grade.add_argument("--lesson", nargs="+", default=[], metavar="ID", help="the lessons (default: those handed in)")
    grade.add_argument("--jobs", type=int, metavar="N", help="how many at a time (default: one per core)")
    grade.add_argument("--json", type=Path, metavar="FILE", help="write the verdicts to FILE")
    grade.add_argument("--csv", type=Path, metavar="FILE", help="write the table of points to FILE")
    grade.add_argument("--timeout", type=float, default=10.0, metavar="S", help="what a check may take (default: 10 s)")
    grade.add_argument(
        "--isolation",
        choices=["namespaces", "landlock", "seccomp", "none"],
        help="this level and no other (default: the best of the machine; none: no protection at all)",
    )
    grade.add_argument("--force", action="store_true", help="grade again what has not changed")
    grade.add_argument("--root", type=Path, default=Path(), help="the kit's folder (default: here)")


def _grade(chosen: argparse.Namespace) -> int:
    from grader import grade

    orders = grade.Orders(
        submissions=chosen.submissions,
        root=chosen.root,
        lessons=chosen.lesson,
        jobs=chosen.jobs or grade.cores(),
        seconds=chosen.timeout,
        isolation=chosen.isolation,
        force=chosen.force,
        json=chosen.json,
        csv=chosen.csv,
    )
    return grade.grade(orders)


if __name__ == "__main__":
    sys.exit(main())
