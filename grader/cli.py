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
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "build":
            return build.check(chosen.root) if chosen.check else build.write(chosen.root)
        if chosen.command == "audit":
            from grader import audit

            return audit.report(chosen.root, chosen.lessons, chosen.seeds)
        from grader.demo import save_figures

        return save_figures(chosen.root / "exercises" / chosen.lesson, chosen.out)
    except build.CannotBuild as error:
        print(f"trainloop: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
