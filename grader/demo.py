"""The demonstration of a lesson text: its Python blocks, run in order, and the figures they make."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = "## Demonstration"


def demonstration(readme: Path) -> str:
    """The code under the heading `Demonstration` of a lesson text, all blocks in order."""
    _, _, after = readme.read_text(encoding="utf-8").partition(f"\n{HEADING}")
    section = re.split(r"^## ", after, maxsplit=1, flags=re.MULTILINE)[0]
    return "\n".join(BLOCK.findall(section))


def figures(readme: Path) -> list[Any]:
    """Run the demonstration; returns the matplotlib figures that are open at its end."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    exec(compile(demonstration(readme), str(readme), "exec"), {"__name__": "__main__"})
    return [plt.figure(number) for number in plt.get_fignums()]


def save_figures(lesson: Path, out: Path) -> int:
    """Write the figures of a lesson's demonstration to `out` as `<lesson>.png`, `<lesson>-2.png`, …"""
    readme = lesson / "README.md"
    if not readme.is_file():
        print(f"trainloop: there is no lesson text {readme}", file=sys.stderr)
        return 2
    out.mkdir(parents=True, exist_ok=True)
    made = figures(readme)
    for number, figure in enumerate(made, start=1):
        path = out / (f"{lesson.name}.png" if number == 1 else f"{lesson.name}-{number}.png")
        figure.savefig(path, dpi=120, bbox_inches="tight")
        print(f"wrote {path}")
    if not made:
        print(f"trainloop: the demonstration of {readme} makes no figure", file=sys.stderr)
    return 0 if made else 1
