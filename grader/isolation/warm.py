"""The warm process: has imported torch once, then forks one confined child for every request.

It holds no secret, never sees a submission, and runs no code of a student's: a request is a socket, which it hands to the
child unread. Started by `launch`, with a clean environment.
"""

from __future__ import annotations

import base64
import gc
import importlib
import json
import logging
import os
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from grader.isolation import confine, landlock

# Preloaded, or the first use in every child would pay for it.
PRELOADED = """
    numpy numpy.random torch torch.nn.functional torch.utils.data torch.utils._device torch.distributed torch.optim
    torch.func torch.nn.parallel.distributed matplotlib.pyplot matplotlib.figure matplotlib.backends.backend_agg unittest.mock
    grader.isolation.child grader.drawing random math cmath itertools functools collections typing dataclasses copy time re
    string statistics heapq bisect operator enum abc contextlib warnings json hashlib traceback linecache inspect textwrap
    threading decimal fractions pickle queue types io os sys pathlib tempfile socket subprocess resource ctypes signal asyncio
"""
CHANNEL = 3


@dataclass(frozen=True)
class Plan:
    """How the warm process confines its children.

    Attributes:
        level: namespaces, landlock, seccomp or none.
        control: the descriptor of the control socket.
        uid: the user to become first, None where this is no root.
        scratch: the folder that each child has for itself, at the level namespaces.
        readable: what children may read, where Landlock guards.
        filter: the seccomp program in base64.
        memory_mb: what a child may have on top of the warm process.
        scratch_mb: what a child may write.
    """

    level: str
    control: int
    uid: int | None
    scratch: str
    readable: list[str]
    filter: str
    memory_mb: int
    scratch_mb: int


def main(text: str) -> None:
    """Run by the plan `text` (JSON) until the control socket is closed."""
    plan = Plan(**json.loads(text))
    control = socket.socket(fileno=plan.control)
    try:
        _get_ready(plan, control)
    except Exception as error:
        control.send(f"E{type(error).__name__}: {error}".encode())
        return
    home = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC) if plan.level == "namespaces" else None
    confine.hide_memory()
    control.send(b"R")
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        _reap()
        if not request:
            return
        (seconds,) = struct.unpack("<I", request)
        _start(plan, control, descriptors[0], seconds, home)


def _get_ready(plan: Plan, control: socket.socket) -> None:
    if plan.level in ("namespaces", "landlock") and not landlock.abi():
        raise OSError("this kernel has no Landlock, or it is switched off (lsm=…,landlock at boot)")
    _preload()  # first, while root can still read a Python that is root's alone
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise RuntimeError(f"the warm process has {threads} threads; a fork of it could hang")
    if plan.uid is not None:
        confine.become(plan.uid)
    if plan.level == "namespaces":
        confine.own_user_namespace()
        _own_processes(control)
    gc.collect()
    gc.freeze()


def _own_processes(control: socket.socket) -> None:
    """Go on as the first process of a pid namespace: only its owner may come back to it from a child's."""
    confine.unshare(confine.NEWPID)
    pid = os.fork()
    if pid:
        control.close()
        os.waitpid(pid, 0)
        os._exit(0)
    confine.die_with_parent()


def _preload() -> None:
    """Import all that students use, and fill torch's tables; no backward, whose engine must start in the child."""
    from grader import quick

    logging.disable()  # nobody reads a child's logs, and torch's formatter would load the compiler for one line
    quick.postpone_compiler()
    for name in PRELOADED.split():
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    with torch.no_grad():
        x = torch.randn(8, 8)
        (x @ x).softmax(-1).sum().item()
        torch.linalg.svdvals(x)
        torch.nn.functional.conv2d(x[None, None], x[None, None, :3, :3])
        on_meta = x.to("meta")  # loads torch's Python reference of every operation, half a second
        ((on_meta @ on_meta - on_meta) ** 2).mean()


def _start(plan: Plan, control: socket.socket, channel: int, seconds: int, home: int | None) -> None:
    """Fork a child that gets the line `channel`; its pidfd goes back over `control`."""
    if home is not None:
        confine.unshare(confine.NEWPID)  # the next fork is the first process of a pid namespace
    pid = os.fork()
    if pid == 0:
        _become_child(plan, channel, seconds)
    if home is not None:
        confine.return_to(home)
    descriptor = os.pidfd_open(pid)
    socket.send_fds(control, [b"K"], [descriptor])
    os.close(descriptor)
    os.close(channel)


def _become_child(plan: Plan, channel: int, seconds: int) -> NoReturn:
    from grader.isolation import child
    from grader.isolation.channel import Channel

    try:
        _only_channel(channel)
        _confine(plan, seconds)
    except Exception as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os.dup2(0, 2)  # from here on nothing is said to the outside but over the line
    try:
        child.serve(Channel(socket.socket(fileno=CHANNEL)))
    finally:
        os._exit(0)


def _only_channel(channel: int) -> None:
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(channel, CHANNEL)
    os.closerange(CHANNEL + 1, 1 << 16)


def _confine(plan: Plan, seconds: int) -> None:
    """All walls, the strongest last; whatever fails ends the child before it has said that it is ready."""
    own = plan.level == "namespaces"
    os.setsid()
    confine.limit(seconds, plan.memory_mb, plan.scratch_mb, threads=64 if own else None)
    if own:
        confine.own_files(plan.scratch, plan.scratch_mb)
    os.chdir(plan.scratch if own else "/")
    confine.no_new_privileges()
    if plan.level in ("namespaces", "landlock"):
        landlock.restrict([*plan.readable, "/dev/urandom"], ["/dev/null", *([plan.scratch] if own else [])])
    confine.drop_capabilities() if plan.level != "none" else None
    confine.hide_memory()
    confine.die_with_parent()
    if plan.filter:
        confine.load_filter(base64.b64decode(plan.filter))


def _reap() -> None:
    """Collect children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    main(sys.argv[1])
