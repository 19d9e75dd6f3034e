"""pytest's hooks: thin, they call the other rooms. torch is imported only once a lesson is collected."""

from __future__ import annotations

import importlib.metadata
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader import report
from grader.lesson import BadLesson, Check, Lesson, mistakes_of, read_lesson
from grader.report import Result

if TYPE_CHECKING:
    from grader.face import Face
    from grader.given import Given
    from grader.isolation.levels import Found
    from grader.run import Run

RUN = pytest.StashKey["Run"]()
RESULTS = pytest.StashKey["list[Result]"]()
ISOLATION = pytest.StashKey["Found"]()
DEVICES = ("auto", "cpu", "cuda", "mps")
DEFAULT_SECONDS = 10.0


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("trainloop", "Learn the Training Loop")
    group.addoption(
        "--device", choices=DEVICES, default="auto", help="where checks run; auto: the CPU, and the GPU where there is one"
    )
    group.addoption("--seed", type=int, default=None, help="the seed of the inputs (default: fresh, printed in the header)")
    group.addoption("--submission", type=Path, metavar="DIR", help="take the module from DIR/<lesson>/<module>.py")
    group.addoption("--isolate", action="store_true", help="run the module in a confined process of its own, as grading does")
    group.addoption("--report-json", type=Path, metavar="FILE", help="write the verdicts to FILE")
    group.addoption(
        "--deadline",
        type=float,
        default=DEFAULT_SECONDS,
        metavar="S",
        help="what a check's student code may take (default: 10 s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.seed is None:
        config.option.seed = secrets.randbelow(1_000_000)  # set here, so that xdist's workers are told the same
    submission = config.option.submission
    if submission is not None and not submission.is_dir():
        raise pytest.UsageError(f"--submission {submission}: there is no such folder")
    if config.option.isolate and config.option.device not in ("auto", "cpu"):
        raise pytest.UsageError("--isolate runs on the CPU alone: leave --device out")
    if config.option.isolate:
        config.option.device = "cpu"
    config.stash[RESULTS] = []


def pytest_report_header(config: pytest.Config) -> list[str]:
    lines = [f"trainloop {kit_version()}: --seed {config.option.seed}"]
    return lines + isolation_of(config).said() if config.option.isolate else lines


def isolation_of(config: pytest.Config) -> Found:
    """The warm process of this session, started at the first call."""
    from grader.isolation import levels

    if ISOLATION not in config.stash:
        try:
            found = levels.find()
        except levels.CannotIsolate as error:
            raise pytest.UsageError(f"--isolate: {error}") from None
        config.stash[ISOLATION] = found
        config.add_cleanup(found.warm.close)
    return config.stash[ISOLATION]


def kit_version() -> str:
    return importlib.metadata.version("trainloop")


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """Nothing to make: this hook only turns a broken lesson into a clear error before its checks run."""
    if isinstance(getattr(obj, "check", None), Check):
        try:
            lesson_of(collector.path)
        except BadLesson as error:
            raise collector.CollectError(str(error)) from None


def lesson_of(grader: Path) -> Lesson:
    return read_lesson(grader.parent)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if not isinstance(getattr(metafunc.function, "check", None), Check):
        return
    from grader.devices import chosen

    devices = chosen(metafunc.config.option.device)
    if len(devices) > 1:
        metafunc.parametrize("trainloop_device", devices, indirect=True)


@pytest.fixture
def trainloop_device(request: pytest.FixtureRequest) -> str:
    """The device under test."""
    from grader.devices import chosen

    return getattr(request, "param", None) or chosen(request.config.option.device)[0]


@pytest.fixture
def student(request: pytest.FixtureRequest, trainloop_device: str) -> Iterator[Any]:
    """The student's module, each check with a fresh one: `student.<name>(…)`."""
    from grader.face import Student

    run = _run(request, trainloop_device)
    request.node.stash[RUN] = run
    yield Student(run.face)
    run.face.close()


@pytest.fixture
def given(request: pytest.FixtureRequest, student: Any) -> Iterator[Given]:
    """The inputs of the check."""
    from grader.run import prepared

    given = request.node.stash[RUN].given
    with prepared(given):
        yield given


def _run(request: pytest.FixtureRequest, device: str) -> Run:
    from grader.devices import chosen
    from grader.run import Run

    option, function = request.config.option, request.function
    lesson = lesson_of(request.path)
    path = (option.submission / lesson.id / lesson.stub.name) if option.submission else lesson.stub
    return Run(
        lesson=lesson,
        check=function.check,
        face=_face(request.config, path.absolute()),
        seed=option.seed,
        device=device,
        counts=device == chosen(option.device)[0],
        mistakes=mistakes_of(request.module),
        options=_options(option),
    )


def _face(config: pytest.Config, path: Path) -> Face:
    seconds = config.option.deadline
    if config.option.isolate:
        from grader.isolation.proxy import Proxy

        return Proxy(path, seconds, isolation_of(config).warm)
    from grader.desk import Desk

    return Desk(path, seconds)


def _options(option: Any) -> str:
    device = f" --device {option.device}" if option.device != "auto" else ""
    device = " --isolate" if option.isolate else device  # isolated runs know no other device
    return device + (f" --submission {option.submission}" if option.submission else "")


def pytest_report_collectionfinish(items: list[pytest.Item], config: pytest.Config) -> str:
    if not any(is_check(item) for item in items):
        return ""
    from grader.devices import described

    return described(config.option.device)


def pytest_collection_finish(session: pytest.Session) -> None:
    if any(is_check(item) for item in session.items):
        from grader import quick

        quick.freeze_garbage()


def is_check(item: pytest.Item) -> bool:
    """Whether `item` is a lesson's check and not some other test."""
    return isinstance(getattr(getattr(item, "function", None), "check", None), Check)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    made: Any = yield
    run = item.stash.get(RUN, None)
    error = call.excinfo.value if call.excinfo else None
    if run is not None and (call.when == "call" or error is not None) and not made.skipped:
        result = Result.of(run, run.verdict(error))
        made.trainloop = result.as_plain()  # a plain attribute: xdist carries it from worker to controller
        if error is not None:
            made.longrepr = report.Failure(result, again=_seen_before(item, error))
    return made


def _seen_before(item: pytest.Item, error: BaseException) -> bool:
    """Whether the same broken file has been reported in this session."""
    from grader.verdict import CannotLoad

    if not isinstance(error, CannotLoad):
        return False
    seen = item.session.stash.setdefault(LOAD_ERRORS, set())
    key = f"{item.path}: {error.facts}"
    again = key in seen
    seen.add(key)
    return again


LOAD_ERRORS = pytest.StashKey[set[str]]()


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    outcome = getattr(report, "trainloop", {}).get("verdict", {}).get("outcome")
    if outcome == "todo":
        return "todo", "t", "TODO"
    if outcome == "could_not_check":
        return "failed", "?", "COULD NOT CHECK"
    return None


def pytest_enter_pdb() -> None:
    from grader import deadline

    deadline.cancel()


class Collector:
    """Keeps the results of the session, in the process that reports them."""

    def __init__(self, results: list[Result]) -> None:
        self._results = results

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = getattr(report, "trainloop", None)
        if found is not None:
            self._results.append(Result.from_plain(found))


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(Collector(session.config.stash[RESULTS]), "trainloop-collector")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if config.option.report_json and not hasattr(config, "workerinput"):
        devices = sorted({result.verdict.device for result in config.stash[RESULTS]})
        document = report.document(config.stash[RESULTS], kit_version(), config.option.seed, devices)
        report.write_json(config.option.report_json, document)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report.write_scores(terminalreporter, config.stash[RESULTS])
