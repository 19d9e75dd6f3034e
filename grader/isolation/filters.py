"""The system calls that a child may make, compiled by libseccomp on the trusted side; the child only loads the result.

An allow list: a call that is not on it fails with EPERM, a call of another architecture's table kills. There is no way
to start a process, open a socket, signal, trace, mount or make a namespace on it.
"""

from __future__ import annotations

import errno
import os
from functools import cache
from typing import Any

MEMORY = "brk mmap mprotect munmap mremap madvise mincore membarrier get_mempolicy"
THREADS = (
    "futex set_robust_list get_robust_list set_tid_address rseq sched_yield sched_getaffinity sched_getparam"
    " sched_getscheduler sched_get_priority_max sched_get_priority_min gettid getcpu arch_prctl exit exit_group restart_syscall"
)
SIGNALS = "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack pause"
TIME = (
    "nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times getitimer setitimer alarm getrusage"
    " timerfd_create timerfd_settime timerfd_gettime"
)
IDENTITY = (
    "getpid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid uname sysinfo getrlimit"
    " getrandom capget getcwd umask wait4 waitid"
)
DESCRIPTORS = (
    "read write readv writev pread64 pwrite64 lseek close close_range dup dup2 dup3 fcntl fstat fstatfs fsync fdatasync"
    " ftruncate fallocate fadvise64 flock sendfile copy_file_range pipe pipe2 eventfd2 poll ppoll select pselect6 epoll_create1"
    " epoll_create epoll_ctl epoll_wait epoll_pwait sendto recvfrom shutdown getsockname getpeername getsockopt"
)
FILES = (
    "open openat creat stat lstat newfstatat statx statfs access faccessat faccessat2 readlink readlinkat getdents getdents64"
    " chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat truncate"
    " chmod fchmod fchmodat utimensat utime utimes futimesat"
)

CLONE_THREAD = 0x10000
CLONE_NEW = 0x7E020080  # every flag that makes a namespace
PR_SET_NAME, PR_GET_NAME = 15, 16
TERMINAL = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX


class NoFilter(Exception):
    """libseccomp or its Python binding is not here; the text says how to get it."""


@cache
def program(files: bool) -> bytes:
    """The filter as BPF instructions; without `files` nothing that names a file is allowed.

    Docs: https://man7.org/linux/man-pages/man3/seccomp_rule_add.3.html

    Raises:
        NoFilter: as its docstring says.
    """
    seccomp = _binding()
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for names in (MEMORY, THREADS, SIGNALS, TIME, IDENTITY, DESCRIPTORS, FILES if files else ""):
        for name in names.split():
            _allow(seccomp, rules, name)
    # prlimit on another process of the same user could stop it; EPERM for clone3 would end threads, ENOSYS makes libc use clone
    _allow(seccomp, rules, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0))
    _allow(seccomp, rules, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD | CLONE_NEW, CLONE_THREAD))
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    for option in (PR_SET_NAME, PR_GET_NAME):
        _allow(seccomp, rules, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    for request in TERMINAL:
        _allow(seccomp, rules, "ioctl", seccomp.Arg(1, seccomp.EQ, request))
    return _exported(rules)


def _binding() -> Any:
    try:
        import pyseccomp
    except ModuleNotFoundError:
        raise NoFilter("the package pyseccomp is not installed: pip install pyseccomp") from None
    except (RuntimeError, OSError):
        raise NoFilter("libseccomp is not installed: apt-get install libseccomp2") from None
    return pyseccomp


def _allow(seccomp: Any, rules: Any, name: str, *conditions: Any) -> None:
    if seccomp.resolve_syscall(seccomp.system_arch(), name) >= 0:  # an architecture without open has openat
        rules.add_rule(seccomp.ALLOW, name, *conditions)


def _exported(rules: Any) -> bytes:
    descriptor = os.memfd_create("filter", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
