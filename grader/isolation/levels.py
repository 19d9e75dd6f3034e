"""How well this machine can confine a child: found by doing it, from the highest level down, and never lowered in silence."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from grader.isolation.filters import NoFilter
from grader.isolation.launch import CannotIsolate, Warm

LEVELS = ("namespaces", "landlock", "seccomp")  # from the highest down; `none` only by name
SAID = {
    "namespaces": "namespaces, Landlock and a filter of system calls",
    "landlock": "Landlock and a filter of system calls, no namespaces",
    "seccomp": "a filter of system calls that opens no file; no Landlock, no namespaces",
    "none": "NO CONFINEMENT: the code under test can do whatever you can",
}
ELSEWHERE = "isolation needs Linux: run the kit in a Linux container, or on Windows in WSL2; `--isolation none` grades without it"


@dataclass(frozen=True)
class Found:
    """A warm process at the highest level that this machine has, and why it is not a higher one."""

    warm: Warm
    reasons: tuple[str, ...]

    def said(self) -> list[str]:
        """The lines that tell a person."""
        outside = ", inside bubblewrap" if self.warm.outer else ""
        lines = [f"isolation: {self.warm.level} ({SAID[self.warm.level]}{outside})"]
        if self.warm.level == "namespaces" and not self.warm.outer:
            lines.append("  bubblewrap would hide the machine's files twice over: apt-get install bubblewrap")
        return lines + [f"  not {reason}" for reason in self.reasons]


def find(level: str | None = None) -> Found:
    """A warm process at `level`, or at the best one there is where it is None.

    Raises:
        CannotIsolate: there is none; every reason is in the text.
    """
    if sys.platform != "linux" and level != "none":
        raise CannotIsolate(ELSEWHERE)
    reasons: list[str] = []
    for name in (level,) if level else LEVELS:
        try:
            return Found(_tried(name), tuple(reasons))
        except (CannotIsolate, NoFilter, OSError) as error:
            reasons.append(f"{name}: {error}")
    raise CannotIsolate("no isolation here\n  " + "\n  ".join(reasons))


def _tried(level: str) -> Warm:
    warm = Warm(level)
    try:
        warm.child(1).kill()
    except CannotIsolate:
        warm.close()
        raise
    return warm
