"""Start a warm process at one level and ask it for children: the trusted end of the control socket."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

import grader
from grader.isolation import filters
from grader.isolation.channel import Channel, Gone, Late
from grader.isolation.protocol import READY
from grader.isolation.wire import BadFrame

START_SECONDS = 120.0  # to import torch on a slow machine
FORK_SECONDS = 20.0
MEMORY_MB = 1024
SCRATCH_MB = 32
UNPRIVILEGED = 61_100  # a user of no name, in the range that neither distributions nor systemd hand out
WARM = "import sys; sys.path += {paths!r}; from grader.isolation.warm import main; main(sys.argv[1])"


class CannotIsolate(Exception):
    """No child can be confined here at the level asked for; the text says why, and what would mend it."""


class Child:
    """A confined process with a line to it."""

    def __init__(self, channel: Channel, pidfd: int) -> None:
        self.channel, self._pidfd = channel, pidfd

    def kill(self) -> None:
        """End it now; a second time does nothing."""
        if self._pidfd < 0:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        os.close(self._pidfd)
        self._pidfd = -1
        self.channel.close()


class Warm:
    """A warm process at `level`, started at once.

    Raises:
        CannotIsolate: it could not be started.
    """

    def __init__(self, level: str) -> None:
        self.level = level
        self.outer = shutil.which("bwrap") if level == "namespaces" else None
        self._scratch = tempfile.mkdtemp(prefix="trainloop-")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the process)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START_SECONDS)
        root = os.geteuid() == 0
        if root:
            os.chown(self._scratch, UNPRIVILEGED, UNPRIVILEGED)
        with theirs:
            self._process = subprocess.Popen(
                [*self._jail(root), sys.executable, "-I", "-c", WARM.format(paths=_paths()), self._plan(theirs.fileno(), root)],
                pass_fds=[theirs.fileno()],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                cwd="/",
            )
        self._await_start()

    def child(self, seconds: float) -> Child:
        """A fresh confined process that may use the processor for `seconds`.

        Raises:
            CannotIsolate: there came none.
        """
        mine, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [struct.pack("<I", math.ceil(seconds) + 2)], [theirs.fileno()])
                _, descriptors, _, _ = socket.recv_fds(self._control, 64, 1)
            except OSError as error:
                raise CannotIsolate(f"the warm process is gone ({error})") from error
        if not descriptors:
            raise CannotIsolate(f"the warm process has ended: {self._heard()}")
        mine.setblocking(False)
        child = Child(Channel(mine), descriptors[0])
        child.channel.until = time.monotonic() + FORK_SECONDS
        try:
            ready = child.channel.receive(len(READY)) == READY
        except (Gone, Late, BadFrame):
            ready = False
        if not ready:
            child.kill()
            raise CannotIsolate(f"a child could not confine itself: {self._heard()}")
        return child

    def close(self) -> None:
        """End the warm process and with it every child."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _await_start(self) -> None:
        try:
            said = self._control.recv(4096)
        except OSError as error:
            said = f"E{error}".encode()
        if said == b"R":
            self._control.settimeout(FORK_SECONDS)
            return
        self._process.kill()
        heard = self._heard()
        self.close()
        raise CannotIsolate(said[1:].decode("utf-8", "replace") or heard or "it ended without a word")

    def _heard(self) -> str:
        """The last line that the warm process, or a child before it was confined, wrote."""
        self._errors.seek(0)
        return self._errors.read()[-2000:].decode("utf-8", "replace").strip().rpartition("\n")[2]

    def _plan(self, control: int, root: bool) -> str:
        program = filters.program(files=self.level != "seccomp") if self.level != "none" else b""
        plan: dict[str, Any] = {
            "level": self.level,
            "control": control,
            "uid": UNPRIVILEGED if root else None,
            "scratch": self._scratch,
            "readable": [*_installed(), "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts"],
            "filter": base64.b64encode(program).decode(),
            "memory_mb": MEMORY_MB,
            "scratch_mb": SCRATCH_MB,
        }
        return json.dumps(plan)

    def _jail(self, root: bool) -> list[str]:
        """Bubblewrap around the warm process, where it is installed: only Python, torch and the kit's own code are there."""
        if not self.outer:
            return []
        privileges = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]
        shown = ["/usr", *_installed(), str(Path(grader.__file__).parent)]
        binds = [part for path in shown for part in ("--ro-bind", path, path)]
        inner = {str(parent) for path in [*shown, self._scratch, "/etc/fonts"] for parent in Path(path).parents}
        parents = sorted(inner - {"/", "/tmp"})
        # by name: bubblewrap makes the folders above a bind for root alone
        folders = [part for path in parents for part in ("--perms", "0755", "--dir", path)]
        links = [part for name in ("bin", "sbin", "lib", "lib64") for part in _like_outside(f"/{name}")]
        return [
            *(self.outer, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
            *("--die-with-parent", "--new-session", *privileges),
            *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
            *links,
            *folders,
            *binds,
            *("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind-try", "/etc/fonts", "/etc/fonts"),
            *("--bind", self._scratch, self._scratch, "--chdir", "/", "--"),
        ]

    def _environment(self) -> dict[str, str]:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        places = {"HOME": self._scratch, "TMPDIR": self._scratch, "MPLCONFIGDIR": self._scratch, "MPLBACKEND": "Agg"}
        return {"PATH": "/usr/bin:/bin", "MALLOC_ARENA_MAX": "1", "GLOO_SOCKET_IFNAME": "lo", **threads, **places}


def _installed() -> list[str]:
    """The folders of Python and its packages."""
    folders = {sys.base_prefix, sys.prefix, str(Path(torch.__file__).parent.parent)}
    return sorted(folder for folder in folders if not folder.startswith("/usr"))


def _paths() -> list[str]:
    """Where the warm process finds torch and the kit."""
    return [str(Path(torch.__file__).parent.parent), str(Path(grader.__file__).parent.parent)]


def _like_outside(path: str) -> list[str]:
    """Bubblewrap's options that make `path` what it is here: a link, a folder, or nothing."""
    if Path(path).is_symlink():
        return ["--symlink", str(Path(path).readlink()), path]
    return ["--ro-bind", path, path] if Path(path).is_dir() else []
