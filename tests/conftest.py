"""Set-up of the kit's own tests."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import pytest
import torch._dynamo  # noqa: F401  once, here: pytester forgets what its runs imported, and torch cannot load this twice

from grader.isolation import levels
from grader.isolation.launch import Warm

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parent.parent
Task = Callable[[], list[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Audits last: they run in processes of their own, beside the other tests, from the start."""
    items.sort(key=lambda item: "audited" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def _audits(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[list[str]]]]:
    """The complaints of every collected audit, being computed on all cores."""
    wanted = {item.nodeid: item.callspec.params["task"] for item in request.session.items if "audited" in item.fixturenames}
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        yield {name: pool.submit(task) for name, task in wanted.items()}
        pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session", autouse=True)
def _started(request: pytest.FixtureRequest) -> None:
    """Start the audits before the first test, where any is collected."""
    if any("audited" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("_audits")


@pytest.fixture
def audited(request: pytest.FixtureRequest, _audits: dict[str, Future[list[str]]]) -> list[str]:
    """The complaints of this test's `task`."""
    return _audits[request.node.nodeid].result()


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """A warm process at the best level that this machine has."""
    try:
        found = levels.find()
    except levels.CannotIsolate as error:
        pytest.skip(str(error))
    yield found.warm
    found.warm.close()


@pytest.fixture
def root() -> Path:
    """The folder of the kit."""
    return ROOT
