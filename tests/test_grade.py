"""`trainloop grade` and `trainloop doctor`: the table is right, whatever is handed in and wherever the run was stopped."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("isolation needs Linux", allow_module_level=True)

from grader import cli
from grader.marks import neutral, shown

ROOT = Path(__file__).parent.parent
LESSON = "1_2"
MODULE = "linear_regression.py"
RIGHT = (ROOT / "solutions" / LESSON / MODULE).read_text("utf-8")
HANDED_IN: dict[str, tuple[str | bytes | None, float]] = {
    "alice": (RIGHT, 10),
    "bob": (RIGHT.replace("w - lr * dw, b - lr * db", "w + lr * dw, b + lr * db"), 6.5),
    "=cmd|calc!A0": (RIGHT, 10),
    "zoë .. 漢": (RIGHT, 10),
    "\x1b[2J": ("", 0),
    "empty": ("", 0),
    "broken": ("def (:\n", 0),
    "latin": (b"# caf\xe9\n", 0),
    "exits": ("import os; os._exit(0)\n", 0),
    "stub": ((ROOT / "exercises" / LESSON / MODULE).read_text("utf-8"), 0),
    "nothing": (None, 0),
}


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """A kit with the one lesson, and a folder `in` of submissions."""
    shutil.copytree(ROOT / "exercises" / LESSON, tmp_path / "exercises" / LESSON)
    for student, (source, _) in HANDED_IN.items():
        folder = tmp_path / "in" / student / LESSON
        folder.mkdir(parents=True)
        if source is not None:
            (folder / MODULE).write_bytes(source if isinstance(source, bytes) else source.encode())
    for name, to in (("link", tmp_path / "in/alice/1_2" / MODULE), ("linked", tmp_path / "in/alice/1_2")):
        folder = tmp_path / "in" / name / LESSON
        folder.mkdir(parents=True) if name == "link" else folder.parent.mkdir()
        (folder / MODULE if name == "link" else folder).symlink_to(to)
    return tmp_path


def graded(kit: Path, *options: str) -> tuple[int, list[dict[str, object]]]:
    code = cli.main(["grade", str(kit / "in"), "--root", str(kit), "--json", str(kit / "out.json"), *options])
    return code, json.loads((kit / "out.json").read_text("utf-8"))["submissions"]


def test_every_submission_gets_the_right_row(kit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = graded(kit, "--csv", str(kit / "out.csv"), "--timeout", "5")
    assert code == 0
    scores = {row["student"]: row["score"] for row in rows}
    assert scores == {shown(name): score for name, (_, score) in HANDED_IN.items()} | {"link": 0, "linked": 0}
    assert all(len(row["checks"]) == 11 and row["graded"] for row in rows)  # type: ignore[arg-type]
    said = capsys.readouterr()
    assert "isolation: " in said.err
    assert "alice  1_2  10 of 10" in said.out
    assert "\x1b" not in said.out
    with (kit / "out.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert table[0][:4] == ["student", "lesson", "score", "max_score"]
    assert len(table[0]) == 15
    assert {len(row) for row in table} == {15}
    assert ["'=cmd|calc!A0", LESSON, "10", "10"] in [row[:4] for row in table]

    code, again = graded(kit)
    assert (code, again) != (0, rows)  # another timeout: graded afresh
    code, kept = graded(kit, "--timeout", "5")
    assert (code, kept) == (0, rows)
    assert "were graded before" in capsys.readouterr().err


def test_a_run_that_was_killed_goes_on_where_it_stopped(kit: Path) -> None:
    command = [sys.executable, "-m", "grader.cli", "grade", str(kit / "in"), "--root", str(kit), "--jobs", "1"]
    first = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    kept = kit / ".trainloop" / "results"
    until = time.monotonic() + 100
    while time.monotonic() < until and len(list(kept.glob("*.json"))) < 3:
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    time.sleep(1)
    assert _workers(first.pid) == []
    before = {path.name: path.read_bytes() for path in kept.glob("*.json")}
    assert 3 <= len(before) < len(HANDED_IN)
    code, rows = graded(kit)
    assert code == 0
    assert len(rows) == len(HANDED_IN) + 2
    assert all((kept / name).read_bytes() == data for name, data in before.items())


def _workers(session: int) -> list[str]:
    """What still runs in the session of a command that was started in one of its own."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", "-s", str(session)], capture_output=True, text=True, check=False)
    return [line for line in listed.stdout.splitlines() if "<defunct>" not in line]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["nowhere"], "there is no folder"), (["in", "--lesson", "7_7"], "no lesson 7_7")],
)
def test_wrong_orders_are_2(kit: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert cli.main(["grade", str(kit / arguments[0]), *arguments[1:], "--root", str(kit)]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"
    assert neutral("alice") == "alice"


def test_doctor_names_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["doctor"])
    said = capsys.readouterr().out
    assert ("isolation: " in said, code in (0, 1)) == (True, True)
    assert "torch" in said
    assert "devices: cpu yes" in said
