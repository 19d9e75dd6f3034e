"""The walls around a child: Linux's own means, each in a few lines. Nothing here holds a secret.

Docs: the man pages named at each function, https://man7.org/linux/man-pages/
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, RECURSIVE, PRIVATE = 1, 2, 4, 8, 16384, 1 << 18
SET_PDEATHSIG, SET_DUMPABLE, SET_SECCOMP, CAPBSET_DROP, SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
SECCOMP_MODE_FILTER = 2
SIGKILL = 9
MiB = 1 << 20

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def _prctl(option: int, first: int = 0, second: int = 0) -> int:
    return _libc.prctl(option, ctypes.c_ulong(first), ctypes.c_ulong(second), ctypes.c_ulong(0), ctypes.c_ulong(0))


def become(uid: int) -> None:
    """Give up root for good, for the user `uid` and its group of the same number. See setresuid(2)."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def unshare(flags: int) -> None:
    """Namespaces of this process's own; NEWPID is for the children that it starts from now on. See the man page unshare.2."""
    _checked(_libc.unshare(flags), f"new namespaces ({flags:#x})")


def return_to(namespace: int) -> None:
    """Start further children in the pid namespace behind the descriptor `namespace`. See setns(2)."""
    _checked(_libc.setns(namespace, NEWPID), "back to the first pid namespace")


def own_user_namespace() -> None:
    """A user namespace in which this process may make the others, mapped to the one user it is. See user_namespaces(7)."""
    uid, gid = os.getuid(), os.getgid()
    unshare(NEWUSER | NEWNS | NEWNET | NEWIPC | NEWUTS)
    _checked(_prctl(SET_DUMPABLE, 1), "dumpable")  # the files below belong to root otherwise
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _mount("none", "/", None, RECURSIVE | PRIVATE)


def own_files(scratch: str, megabytes: int) -> None:
    """Mounts of its own: an empty /proc, and `scratch` as the one place to write, of limited size. See mount(2)."""
    unshare(NEWNS)
    _mount("tmpfs", "/proc", "tmpfs", READ_ONLY | NO_SUID | NO_DEVICES | NO_EXEC, "size=4k,nr_inodes=2")
    options = f"size={megabytes}m,nr_inodes=2k,mode=700"
    _mount("tmpfs", scratch, "tmpfs", NO_SUID | NO_DEVICES | NO_EXEC, options)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    encoded = [None if text is None else text.encode() for text in (source, target, kind, options)]
    _checked(_libc.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3]), f"mount on {target}")


def limit(cpu_seconds: int, memory_mb: int, file_mb: int, threads: int | None) -> None:
    """Limits of this process; `memory_mb` comes on top of what it has. See getrlimit(2)."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + memory_mb * MiB
    limits = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_AS: memory,  # a thread's stack counts, so it bounds threads too
        resource.RLIMIT_FSIZE: file_mb * MiB,
        resource.RLIMIT_NOFILE: 128,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if threads is not None:
        limits[resource.RLIMIT_NPROC] = threads
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))


def drop_capabilities() -> None:
    """No capability left, nor a way to one. See capabilities(7)."""
    for capability in range(64):
        if _prctl(CAPBSET_DROP, capability) < 0:
            break
    header, none = struct.pack("<Ii", 0x20080522, 0), bytes(24)
    _checked(_libc.capset(header, none), "dropping capabilities")


def no_new_privileges() -> None:
    """No program that it might start gains rights. See PR_SET_NO_NEW_PRIVS in prctl(2)."""
    _checked(_prctl(SET_NO_NEW_PRIVS, 1), "no_new_privs")


def die_with_parent() -> None:
    """Be killed when the process that started this one ends; set after every change of user."""
    _checked(_prctl(SET_PDEATHSIG, SIGKILL), "die with the parent")


def hide_memory() -> None:
    """Nobody of the same user may trace this process, read its memory or its /proc entries."""
    _checked(_prctl(SET_DUMPABLE, 0), "not dumpable")


def load_filter(program: bytes) -> None:
    """Let the compiled seccomp filter decide on every system call from now on. See seccomp(2)."""
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    pointer = ctypes.create_string_buffer(header, len(header))
    _checked(_prctl(SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(pointer)), "the filter of system calls")
