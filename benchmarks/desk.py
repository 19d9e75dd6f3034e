"""What grading one lesson costs beside importing torch: `uv run python benchmarks/desk.py`.

Measures, turn by turn in one run, `pytest exercises/1_2 --submission solutions`, the bare import of torch, and pytest
with one trivial torch test and no plugin of ours; prints medians and their ratios to the import.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
TRIVIAL = "import torch\n\n\ndef test_one():\n    assert torch.ones(1).item() == 1\n"


def seconds(command: list[str], folder: Path) -> float:
    """The wall time of `command`, which must succeed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        bare = Path(name)
        (bare / "test_trivial.py").write_text(TRIVIAL, encoding="utf-8")
        commands = {
            "import torch": ([sys.executable, "-c", "import torch"], ROOT),
            "pytest, one trivial torch test": ([sys.executable, "-m", "pytest", "-q", "-p", "no:trainloop"], bare),
            "pytest exercises/1_2": ([sys.executable, "-m", "pytest", "exercises/1_2", "--submission", "solutions"], ROOT),
        }
        for command, folder in commands.values():
            seconds(command, folder)  # warm the file cache and the compiled modules
        times = {label: [] for label in commands}
        for _ in range(rounds):
            for label, (command, folder) in commands.items():
                times[label].append(seconds(command, folder))
    base = statistics.median(times["import torch"])
    for label, values in times.items():
        print(f"{label:<32}{statistics.median(values):7.2f} s   ratio {statistics.median(values) / base:5.2f}")


if __name__ == "__main__":
    main()
