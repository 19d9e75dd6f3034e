"""Stop the student's code when its time is up, and let the rest of the run go on.

Only time spent in the student's code counts. On Linux and macOS an alarm signal interrupts Python code and sleeps; on
Windows, and outside the main thread, an exception is set in the running thread, which takes effect at the next Python
instruction. Neither can interrupt one endless call inside C; isolated grading, which kills the process, can.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from grader.verdict import DeadlineExceeded

AGAIN = 0.5  # seconds until the next try, for code that swallows the first with a bare `except:`


class Deadline:
    """A budget of seconds, spent by every `with deadline.running():`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.left = seconds

    @contextmanager
    def running(self) -> Generator[None, None, None]:
        """Run the block; DeadlineExceeded is raised in it when the budget is spent."""
        started = time.monotonic()
        alarm = _signal if _can_signal() else _thread
        try:
            with alarm(max(self.left, 0.001)):
                yield
        finally:
            self.left -= time.monotonic() - started


def cancel() -> None:
    """Let the running block go on without end: a person is debugging it."""
    _armed.clear()
    if _can_signal():
        signal.setitimer(signal.ITIMER_REAL, 0)


_armed = threading.Event()


def _can_signal() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


@contextmanager
def _signal(seconds: float) -> Generator[None, None, None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise DeadlineExceeded

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _thread(seconds: float) -> Generator[None, None, None]:
    student = ctypes.c_ulong(threading.get_ident())
    over = threading.Event()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait) and _armed.is_set():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(student, ctypes.py_object(DeadlineExceeded))
            wait = AGAIN

    _armed.set()
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(student, None)
