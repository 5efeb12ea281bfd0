"""What a worker process may do: think, read files, and answer. Standard library only.

It has no network, starts no program and no process, signals nobody else and writes no file; the
kernel refuses with EPERM (seccomp). Threads and reading stay, since libraries need them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

MAX_FILES = 64
"""Open files of one worker."""

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVS, _FILTER = 1, 4, 22, 38, 2
_SIGKILL = 9


class _Machine(NamedTuple):
    """One architecture's system calls by number, little endian."""

    audit: int
    """How the kernel names it (AUDIT_ARCH_...)."""
    denied: tuple[int, ...]
    absent: tuple[int, ...]
    """clone3, openat2 and io_uring_setup: said not to exist, so that libc falls back."""
    clone: int
    own_pid: tuple[int, ...]
    """kill, tkill, tgkill: the first argument may be the worker itself alone."""
    prlimit: int
    opens: Mapping[int, int]
    """Number of a call that opens a file, and which argument its flags are."""


def _numbers(table: str) -> tuple[int, ...]:
    return tuple(int(each.split()[1]) for each in table.split(","))


_X86_64 = _Machine(
    audit=0xC000003E,
    denied=_numbers(
        """
        shmget 29, socket 41, connect 42, accept 43, sendto 44, sendmsg 46, recvmsg 47, bind 49,
        listen 50, fork 57, vfork 58, execve 59, semget 64, msgget 68, truncate 76, rename 82,
        mkdir 83, rmdir 84, creat 85, link 86, unlink 87, symlink 88, chmod 90, fchmod 91,
        chown 92, fchown 93, lchown 94, ptrace 101, rt_sigqueueinfo 129, utime 132, mknod 133,
        setpriority 141, sched_setparam 142, sched_setscheduler 144, pivot_root 155, chroot 161,
        mount 165, umount2 166, setxattr 188, lsetxattr 189, fsetxattr 190, removexattr 197,
        lremovexattr 198, fremovexattr 199, sched_setaffinity 203, utimes 235, mq_open 240,
        add_key 248, request_key 249, keyctl 250, ioprio_set 251, mkdirat 258, mknodat 259,
        fchownat 260, futimesat 261, unlinkat 263, renameat 264, linkat 265, symlinkat 266,
        fchmodat 268, unshare 272, utimensat 280, accept4 288, rt_tgsigqueueinfo 297,
        perf_event_open 298, recvmmsg 299, open_by_handle_at 304, sendmmsg 307, setns 308,
        process_vm_readv 310, process_vm_writev 311, sched_setattr 314, renameat2 316, bpf 321,
        execveat 322, userfaultfd 323, pidfd_send_signal 424, open_tree 428, move_mount 429,
        fsopen 430, fsconfig 431, fsmount 432, fspick 433, pidfd_open 434, pidfd_getfd 438,
        process_madvise 440, fchmodat2 452
        """
    ),
    absent=(425, 435, 437),
    clone=56,
    own_pid=(62, 200, 234),
    prlimit=302,
    opens={2: 1, 257: 2},
)
_AARCH64 = _Machine(
    audit=0xC00000B7,
    denied=_numbers(
        """
        setxattr 5, lsetxattr 6, fsetxattr 7, removexattr 14, lremovexattr 15, fremovexattr 16,
        ioprio_set 30, mknodat 33, mkdirat 34, unlinkat 35, symlinkat 36, linkat 37, renameat 38,
        umount2 39, mount 40, pivot_root 41, truncate 45, chroot 51, fchmod 52, fchmodat 53,
        fchownat 54, fchown 55, utimensat 88, unshare 97, ptrace 117, sched_setparam 118,
        sched_setscheduler 119, sched_setaffinity 122, rt_sigqueueinfo 138, setpriority 140,
        mq_open 180, msgget 186, semget 190, shmget 194, socket 198, bind 200, listen 201,
        accept 202, connect 203, sendto 206, sendmsg 211, recvmsg 212, add_key 217,
        request_key 218, keyctl 219, execve 221, rt_tgsigqueueinfo 240, perf_event_open 241,
        accept4 242, recvmmsg 243, open_by_handle_at 265, setns 268, sendmmsg 269,
        process_vm_readv 270, process_vm_writev 271, sched_setattr 274, renameat2 276, bpf 280,
        execveat 281, userfaultfd 282, pidfd_send_signal 424, open_tree 428, move_mount 429,
        fsopen 430, fsconfig 431, fsmount 432, fspick 433, pidfd_open 434, pidfd_getfd 438,
        process_madvise 440, fchmodat2 452
        """
    ),
    absent=(425, 435, 437),
    clone=220,
    own_pid=(129, 130, 131),
    prlimit=261,
    opens={56: 2},
)
_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_REFUSE, _ABSENT = _FAIL | errno.EPERM, _FAIL | errno.ENOSYS
_X32, _THREAD = 0x40000000, 0x10000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_Instruction = tuple[int, int, int, int]
"""Code, how many to skip if true, if false, operand."""


def hide_from_workers() -> None:
    """Keep this process's memory and environment from others of its user: keys stand in both."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process once the parent ends, or end it now if it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def confine(memory_bytes: int) -> bool:
    """Give up for good all that a worker has no use for; False where the kernel holds no filter.

    Args:
        memory_bytes: Address space it may have.
    """
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MAX_FILES,
    }
    for what, wanted in limits.items():
        hard = resource.getrlimit(what)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(what, (most, most))
    if _filter():
        return True
    sys.addaudithook(_refuse)
    return False


def limit_cpu(seconds: float) -> None:
    """Let the kernel kill this worker after so much CPU time; a C loop ignores anything softer."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _filter() -> bool:
    """Load the filter; False where there is none for this machine, or the kernel takes none."""
    machine = _MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    if machine is None:
        return False
    program = b"".join(struct.pack("=HBBI", *line) for line in _program(machine, os.getpid()))
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: the number of instructions, and where they are.
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return int(prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(head), 0, 0)) == 0


def _program(machine: _Machine, pid: int) -> Iterator[_Instruction]:
    yield _LOAD, 0, 0, _ARCHITECTURE_AT
    yield _EQUAL, 1, 0, machine.audit
    yield _RETURN, 0, 0, _REFUSE
    yield _LOAD, 0, 0, _NUMBER_AT
    yield _AT_LEAST, 0, 1, _X32
    yield _RETURN, 0, 0, _REFUSE
    for number in machine.denied:
        yield from _when(number, (_RETURN, 0, 0, _REFUSE))
    for number in machine.absent:
        yield from _when(number, (_RETURN, 0, 0, _ABSENT))
    yield from _when(machine.clone, *_checked(0, (_ANY_BIT, 1, 0, _THREAD)))
    for number in machine.own_pid:
        yield from _when(number, *_checked(0, (_EQUAL, 1, 0, pid)))
    for number, argument in machine.opens.items():
        yield from _when(number, *_checked(argument, (_ANY_BIT, 0, 1, _WRITES)))
    own = (_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, pid)
    yield from _when(machine.prlimit, *_checked(0, *own))
    yield _RETURN, 0, 0, _ALLOW


def _when(number: int, *then: _Instruction) -> Iterator[_Instruction]:
    yield _EQUAL, 0, len(then), number
    yield from then


def _checked(argument: int, *tests: _Instruction) -> Iterator[_Instruction]:
    """Refuse unless a test on the low half of an argument jumps over the refusal."""
    yield _LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument
    yield from tests
    yield _RETURN, 0, 0, _REFUSE
    yield _RETURN, 0, 0, _ALLOW


_REFUSED = (
    *("socket.", "subprocess.", "pty.", "ctypes.dlopen"),
    *("os.exec", "os.posix_spawn", "os.fork", "os.system", "os.kill", "os.remove", "os.rename"),
    *("os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.link", "os.symlink"),
)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: what Python itself is about to do. Native code passes by it."""
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
    own = event == "os.kill" and arguments[0] == os.getpid()
    if writes or (event.startswith(_REFUSED) and not own):
        raise PermissionError(errno.EPERM, f"a worker may not: {event}")
