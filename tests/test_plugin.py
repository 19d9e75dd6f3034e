"""The kit as a pytest plugin: what a student, an IDE and a CI system see."""

import importlib
import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from grader import Given

README = "# 9_9 · Doubling\n"
SOLUTION = '''
from torch import Tensor


def double(x: Tensor) -> Tensor:
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


def quadruple(x: Tensor) -> Tensor:
    """Four times x."""
    ### BEGIN SOLUTION
    return double(double(x))
    ### END SOLUTION
'''
GRADER = '''
from grader import assert_close, check, looks_like

MISTAKES = {"squared": "x was squared, not doubled."}


@check("double", points=6, read="Doubling")
def test_double(student, given):
    """The double of every entry"""
    x = given.tensor([1.5, -2.0, 3.25])
    assert_close(student.double(x), 2 * x, looks_like(squared=x**2), name="doubled")


@check("quadruple", points=4)
def test_quadruple(student, given):
    """Four times every entry"""
    x = given.normal(2, 3)
    assert_close(student.quadruple(x), 4 * x)
'''


@pytest.fixture
def kit(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with the lesson 9_9, its stub untouched, and its solution."""
    for folder in ("exercises/9_9", "solutions/9_9"):
        (pytester.path / folder).mkdir(parents=True)
    (pytester.path / "exercises/9_9/README.md").write_text(README, encoding="utf-8")
    (pytester.path / "exercises/9_9/test_doubling.py").write_text(GRADER, encoding="utf-8")
    (pytester.path / "solutions/9_9/doubling.py").write_text(SOLUTION, encoding="utf-8")
    from grader import build

    build.write(pytester.path)
    pytester.makeini("[pytest]\naddopts = --import-mode=importlib -p no:anyio\n")
    return pytester


def hand_in(kit: pytest.Pytester, source: str | bytes) -> None:
    data = source.encode() if isinstance(source, str) else source
    (kit.path / "exercises/9_9/doubling.py").write_bytes(data)


def test_the_stub_is_all_to_do_with_a_next_step(kit: pytest.Pytester) -> None:
    result = kit.runpytest_inprocess("exercises/9_9")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "*test_doubling.py tt*",
            "*9_9 · Doubling*",
            "*score*0 of 10*",
            "*Next: write `double` in exercises/9_9/doubling.py*",
            "*2 todo*",
        ]
    )
    result.stdout.no_fnmatch_line("*FAILURES*")


def test_the_solution_gets_full_marks(kit: pytest.Pytester) -> None:
    result = kit.runpytest_inprocess("exercises/9_9", "--submission", "solutions")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*score*10 of 10*", "*Next: every check passed*"])


def test_a_failure_reads_as_promised(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    return x * x\n\n\ndef quadruple(x):\n    return 4 * x\n")
    result = kit.runpytest_inprocess("exercises/9_9", "--seed", "7")
    text = result.stdout.str()
    failure = text[text.index("FAILED 9_9") : text.index("----")]
    expected = """\
FAILED 9_9  The double of every entry  (0 of 6 points)

  double(x [3])  ->  doubled
    expected   [ 3.0000, -4.0000,  6.5000]
    got        [ 2.2500,  4.0000,  10.562]
    largest difference 8, allowed 6.5e-10

  Looks like: x was squared, not doubled.

  Your code:  exercises/9_9/doubling.py:1
  Read:       exercises/9_9/README.md, "Doubling"
  Again:      pytest exercises/9_9 -k test_double --seed 7
"""
    assert failure == expected
    assert result.ret == 1


def test_a_seed_repeats_a_run_and_fresh_ones_differ(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    return 2 * x\n\n\ndef quadruple(x):\n    return x * x\n")

    def got(*arguments: str) -> str:
        lines = kit.runpytest_inprocess("exercises/9_9", *arguments).outlines
        return next(line for line in lines if line.strip().startswith("got"))

    assert got("--seed", "3") == got("--seed", "3", "-k", "test_quadruple")
    assert got("--seed", "3") != got("--seed", "4")
    assert got() != got()


def test_an_error_shows_the_students_line_and_its_meaning(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    x = x.detach()\n    return x @ x.reshape(1, -1)\n\n\ndef quadruple(x):\n    return 4 * x\n")
    result = kit.runpytest_inprocess("exercises/9_9")
    result.stdout.fnmatch_lines(
        [
            "*RuntimeError in line 3:*",
            "*return x @ x.reshape(1, -1)*",
            "*In A @ B the last size of A*",
            "*exercises/9_9/doubling.py:3",
        ]
    )
    result.stdout.no_fnmatch_line("*desk.py*")


def test_prints_are_shown_under_a_failed_check(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    print('my shape', x.shape)\n    return x\n\n\ndef quadruple(x):\n    return 4 * x\n")
    kit.runpytest_inprocess("exercises/9_9").stdout.fnmatch_lines(["*Captured stdout call*", "my shape torch.Size(?3?)"])


def test_a_file_that_cannot_be_read_is_told_in_full_once(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x:\n    return 2 * x\n")
    result = kit.runpytest_inprocess("exercises/9_9")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*SyntaxError in line 1:*", "*def double(x:*", "*Your code:*doubling.py:1", "*The same fault of the file as above.*"]
    )
    assert result.stdout.str().count("SyntaxError") == 1


def test_the_json_report_has_the_promised_form(kit: pytest.Pytester) -> None:
    hand_in(
        kit,
        SOLUTION.replace("2 * x", "x**2").replace(
            "return double(double(x))", "raise NotImplementedError('quadruple is still to do')"
        ),
    )
    kit.runpytest_inprocess("exercises/9_9", "--report-json", "report.json", "--seed", "5")
    report = json.loads((kit.path / "report.json").read_text(encoding="utf-8"))
    assert report.keys() == {"kit", "seed", "device", "lessons"}
    assert (report["seed"], report["device"][0]) == (5, "cpu")
    (lesson,) = report["lessons"]
    assert {key: lesson[key] for key in ("lesson", "title", "score", "max_score")} == {
        "lesson": "9_9",
        "title": "Doubling",
        "score": 0.0,
        "max_score": 10.0,
    }
    first, second = lesson["checks"]
    message = first.pop("message")
    assert first == {
        "name": "test_double",
        "title": "The double of every entry",
        "function": "double",
        "points": 0.0,
        "max_points": 6.0,
        "outcome": "failed",
        "device": "cpu",
        "diagnosis": "squared",
        "soundness": "value",
    }
    assert "\x1b" not in message
    assert "Looks like: x was squared" in message
    assert (second["outcome"], second["message"]) == ("todo", "`quadruple` is still to do.")


def test_a_function_that_waits_for_another_is_to_do(kit: pytest.Pytester) -> None:
    hand_in(
        kit,
        "def double(x):\n    raise NotImplementedError('double is still to do')\n\n\ndef quadruple(x):\n    return double(x)\n",
    )
    kit.runpytest_inprocess("exercises/9_9", "--report-json", "r.json")
    checks = json.loads((kit.path / "r.json").read_text(encoding="utf-8"))["lessons"][0]["checks"]
    assert [check["outcome"] for check in checks] == ["todo", "todo"]
    assert checks[1]["message"] == "`quadruple` needs `double`, which is still to do."


def test_ones_own_not_implemented_error_is_no_stub(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    raise NotImplementedError('later')\n\n\ndef quadruple(x):\n    return 4 * x\n")
    kit.runpytest_inprocess("exercises/9_9").stdout.fnmatch_lines(
        ["*NotImplementedError in line 2: later*", "*1 failed, 1 passed*"]
    )


def test_a_fault_of_the_grader_is_could_not_check(kit: pytest.Pytester) -> None:
    grader = kit.path / "exercises/9_9/test_doubling.py"
    grader.write_text(GRADER.replace("x = given.tensor", "1 / 0\n    x = given.tensor"), encoding="utf-8")
    result = kit.runpytest_inprocess("exercises/9_9", "--submission", "solutions", "--report-json", "r.json")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*COULD NOT CHECK 9_9*", "*ZeroDivisionError*test_doubling.py:*", "*not of your answer*"])
    outcomes = [c["outcome"] for c in json.loads((kit.path / "r.json").read_text(encoding="utf-8"))["lessons"][0]["checks"]]
    assert outcomes == ["could_not_check", "passed"]


@pytest.mark.parametrize("arguments", [["-x"], ["--maxfail=1"]])
def test_stopping_at_the_first_failure(kit: pytest.Pytester, arguments: list[str]) -> None:
    hand_in(kit, "def double(x):\n    return x\n\n\ndef quadruple(x):\n    return x\n")
    result = kit.runpytest_inprocess("exercises/9_9", *arguments)
    result.stdout.fnmatch_lines(["*1 failed*"])
    assert "2 failed" not in result.stdout.str()


def test_verbose_quiet_and_selected(kit: pytest.Pytester) -> None:
    kit.runpytest_inprocess("exercises/9_9", "-v").stdout.fnmatch_lines(["*test_doubling.py::test_double TODO*"])
    kit.runpytest_inprocess("exercises/9_9", "-q", "--submission", "solutions").stdout.fnmatch_lines(["*2 passed*"])
    kit.runpytest_inprocess("exercises/9_9", "-k", "quadruple").stdout.fnmatch_lines(["*score*0 of 4*", "*1 todo*"])


def test_junit_xml_holds_the_message(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    return x\n\n\ndef quadruple(x):\n    return 4 * x\n")
    kit.runpytest_inprocess("exercises/9_9", "--junitxml", "out.xml")
    failure = ET.parse(kit.path / "out.xml").getroot().find(".//failure")
    assert failure is not None
    assert "every entry is 0.5 times the expected one" in (failure.text or "")


def test_xdist_keeps_verdicts_and_seed(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    return x * x\n\n\ndef quadruple(x):\n    return 4 * x\n")
    result = kit.runpytest_subprocess("exercises/9_9", "-n", "2", "--seed", "7", "--report-json", "r.json")
    result.stdout.fnmatch_lines(["*expected * -4.0000*", "*Looks like: x was squared*", "*score*4 of 10*"])
    (lesson,) = json.loads((kit.path / "r.json").read_text(encoding="utf-8"))["lessons"]
    assert (lesson["score"], len(lesson["checks"])) == (4.0, 2)


def test_colours_only_where_there_is_a_terminal(kit: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(kit, "def double(x):\n    return x\n\n\ndef quadruple(x):\n    return x\n")
    assert "\x1b[" not in kit.runpytest_inprocess("exercises/9_9").stdout.str()
    assert "\x1b[" in kit.runpytest_inprocess("exercises/9_9", "--color=yes").stdout.str()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in kit.runpytest_inprocess("exercises/9_9").stdout.str()


def test_a_debugger_opens_in_the_students_line(kit: pytest.Pytester) -> None:
    pytest.importorskip("pexpect", reason="needs pexpect, which drives the debugger's prompt (not on Windows)")
    hand_in(kit, "def double(x):\n    doubled = x + x\n    return doubled.no_such_thing\n\n\ndef quadruple(x):\n    return x\n")
    child = kit.spawn_pytest("--pdb exercises/9_9 -k test_double", expect_timeout=60)
    child.expect("doubled.no_such_thing")
    child.expect("Pdb")
    child.sendline("p doubled.shape")
    child.expect(r"torch.Size\(\[3\]\)")
    child.sendline("q")
    child.expect("score")
    child.close()


def test_a_device_that_is_not_here_is_wrong_usage(kit: pytest.Pytester) -> None:
    from grader.devices import available

    if available()["mps"]:
        pytest.skip("needs a machine without mps")
    result = kit.runpytest_inprocess("exercises/9_9", "--device", "mps")
    assert result.ret != 0
    assert "--device cpu" in result.stdout.str() + result.stderr.str()


def test_a_submission_folder_that_is_not_there_is_wrong_usage(kit: pytest.Pytester) -> None:
    result = kit.runpytest_inprocess("exercises/9_9", "--submission", "nowhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--submission nowhere: there is no such folder*"])


def test_a_submission_without_the_file_fails_every_check(kit: pytest.Pytester) -> None:
    (kit.path / "handed_in/9_9").mkdir(parents=True)
    (kit.path / "handed_in/9_9/dubling.py").write_text(SOLUTION, encoding="utf-8")
    result = kit.runpytest_inprocess("exercises/9_9", "--submission", "handed_in")
    result.stdout.fnmatch_lines(
        ["*There is no file doubling.py in*", "*Did you mean dubling.py? Rename it to doubling.py.*", "*2 failed*"]
    )


def test_a_lesson_without_a_text_is_an_error_with_the_repair(kit: pytest.Pytester) -> None:
    (kit.path / "exercises/9_9/README.md").unlink()
    result = kit.runpytest_inprocess("exercises/9_9")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*README.md: a lesson needs a README.md whose first line is its title*"])


def test_other_tests_are_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one():\n    assert 1 + 1 == 3\n")
    result = pytester.runpytest_inprocess()
    result.stdout.fnmatch_lines(["*assert (1 + 1) == 3*", "*1 failed*"])
    result.stdout.no_fnmatch_line("*score*")


def test_a_changed_state_is_told_on_a_pass_too(kit: pytest.Pytester) -> None:
    changed = "import torch\n\n\ndef double(x):\n    torch.set_default_dtype(torch.float64)\n    return 2 * x\n\n\ndef quadruple(x):\n    return 4 * x\n"
    hand_in(kit, changed)
    result = kit.runpytest_inprocess("exercises/9_9")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*Note: your code changed torch's default dtype; it was put back after each call.*"])


def test_an_endless_loop_is_stopped_and_the_run_goes_on(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    while True:\n        x = x + 1\n\n\ndef quadruple(x):\n    return 4 * x\n")
    result = kit.runpytest_inprocess("exercises/9_9", "--deadline", "0.3")
    result.stdout.fnmatch_lines(["*Stopped after 0.3 s in line *: does a loop never end?*", "*1 failed, 1 passed*"])


def test_the_plugin_loads_by_entry_point() -> None:
    from importlib.metadata import entry_points

    (found,) = entry_points(group="pytest11", name="trainloop")
    assert found.value == "grader.plugin"
    assert Path(__import__("grader.plugin").__file__).parent.name == "grader"


def test_a_second_device_runs_the_same_checks_without_points(kit: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    # not `from grader import …`: pytester takes modules out of sys.modules that the package still knows
    devices, given = importlib.import_module("grader.devices"), importlib.import_module("grader.given")
    monkeypatch.setattr(devices, "available", lambda: {"cpu": True, "cuda": True, "mps": False})
    real = given.Given.__init__

    def on_this_machine(self: Given, seed: int, device: str = "cpu") -> None:
        real(self, seed, "cpu")
        self.dtype = torch.float32 if device == "cuda" else torch.float64  # so that the two runs can be told apart

    monkeypatch.setattr(given.Given, "__init__", on_this_machine)
    hand_in(kit, "def double(x):\n    return 2 * x.double()\n\n\ndef quadruple(x):\n    return 4 * x\n")
    result = kit.runpytest_inprocess("exercises/9_9", "-v", "--report-json", "r.json")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "device: cpu, cuda (the points are those of the cpu)",
            "*test_double?cpu? PASSED*",
            "*test_double?cuda? FAILED*",
            "*FAILED 9_9  The double of every entry on cuda  (no points)*",
            "*score*10 of 10*",
        ]
    )
    report = json.loads((kit.path / "r.json").read_text(encoding="utf-8"))
    assert report["device"] == ["cpu", "cuda"]
    assert [(c["device"], c["max_points"]) for c in report["lessons"][0]["checks"]] == [
        ("cpu", 6),
        ("cuda", 0),
        ("cpu", 4),
        ("cuda", 0),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="isolation needs Linux")
def test_isolated_runs_give_the_same_verdicts_and_say_how(kit: pytest.Pytester) -> None:
    hand_in(kit, "def double(x):\n    return x**2\n")
    outcomes = []
    for options in ([], ["--isolate"]):
        result = kit.runpytest_inprocess("exercises/9_9", "--seed", "5", "--report-json", "out.json", *options)
        assert result.ret == 1
        outcomes.append(
            [(c["outcome"], c["diagnosis"]) for c in json.loads((kit.path / "out.json").read_text())["lessons"][0]["checks"]]
        )
    assert outcomes[0] == outcomes[1]
    result.stdout.fnmatch_lines(["isolation: *", "*Looks like: x was squared*", "*Again:*--seed 5 --isolate"])


def test_isolated_runs_know_no_gpu(kit: pytest.Pytester) -> None:
    result = kit.runpytest_inprocess("exercises/9_9", "--isolate", "--device", "cuda")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--isolate runs on the CPU alone*"])
