"""Landlock: from here on this process reaches the files that are named, and no others.

Three system calls with the same numbers on every architecture, so a thin layer over ctypes. The package `landlock` has
only pre-releases, and none that knows the scopes of ABI 6 (abstract sockets, signals).
Docs: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION = 1  # the flag that asks create_ruleset for the ABI
PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
OF_FILES = WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # the rights that a file can have; the others are a folder's
FIRST_RIGHTS = (1 << 13) - 1
ADDED_RIGHTS = ((2, 1 << 13), (3, TRUNCATE), (5, IOCTL_DEV))  # (ABI, right)
BIND_AND_CONNECT, ABSTRACT_AND_SIGNAL = 3, 3

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The version of Landlock that this kernel has, 0 where it has none or it is switched off."""
    return max(0, _libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION))


def restrict(read: Iterable[str], write: Iterable[str]) -> None:
    """Refuse every file access but reading below `read` and all but execution below `write`; refuse TCP.

    no_new_privs must be set. A path that is not there is passed over.

    Raises:
        OSError: the kernel refused.
    """
    version = abi()
    rights = FIRST_RIGHTS | sum(right for since, right in ADDED_RIGHTS if version >= since)
    ruleset = struct.pack("<QQQ", rights, BIND_AND_CONNECT if version >= 4 else 0, ABSTRACT_AND_SIGNAL if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    descriptor = _call(CREATE_RULESET, ctypes.c_char_p(ruleset), ctypes.c_size_t(size), 0)
    for paths, allowed in ((read, READ_FILE | READ_DIR), (write, rights & ~EXECUTE)):
        for path in paths:
            _add(descriptor, path, allowed & rights)
    _call(RESTRICT_SELF, descriptor, 0)
    os.close(descriptor)


def _add(ruleset: int, path: str, allowed: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):  # what this user cannot reach needs no rule
        return
    rule = struct.pack("<Qi", allowed if stat.S_ISDIR(os.fstat(beneath).st_mode) else allowed & OF_FILES, beneath)
    _call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.c_char_p(rule), 0)
    os.close(beneath)


def _call(number: int, *arguments: object) -> int:
    result = _libc.syscall(number, *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock (call {number}): {os.strerror(code)}")
    return result
