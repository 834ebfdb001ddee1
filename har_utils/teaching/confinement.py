"""A process that may write to one folder only, sees no solutions and connects to nobody.

On Linux 5.13 or newer (6.7 for connections, by TCP) this is Landlock, which the kernel offers to
every program: what a process has given up, neither it nor a program it starts gets back. Other
systems have nothing like it that a program may use without being the administrator.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls, the same on every processor."""

BELOW_PATH = 1
"""The kind of rule that is about everything below a path."""

NO_NEW_PRIVILEGES = 38
"""The option of ``prctl`` by which a process gives up ever becoming somebody else."""

SET_SECCOMP, FILTER = 22, 2
"""The option of ``prctl`` by which a process gives up calls of the kernel, by a program."""

LOAD, IF_EQUAL, IF_AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
"""What such a program can do, of what is needed here."""

KILL, REFUSE, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
"""What it can answer; to refuse goes with the number of an error."""

OTHER_NUMBERS = 0x40000000
"""From here on calls have the numbers of another way to call; a program needs none of them."""

IO_URING_SETUP = 425

CALLS = {
    "x86_64": (0xC000003E, 41, 112, 109, IO_URING_SETUP),
    "aarch64": (0xC00000B7, 198, 157, 154, IO_URING_SETUP),
}
"""Processor → its number, and those of ``socket``, ``setsid``, ``setpgid``, ``io_uring_setup``."""

EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = (1 << bit for bit in range(4))
READ = EXECUTE | READ_FILE | READ_FOLDER
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""Version of Landlock → how many rights to files it knows; later ones know as many as the fifth."""

WITH_CONNECTIONS = 4
"""The version from which a process can be kept from opening TCP connections."""

OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14)
"""The rights that make sense for a file; the others are about folders."""

LARGEST_FILE = 200_000_000
"""Bytes of one file that a confined process may write."""


class ConfinementError(OSError):
    """A system that cannot confine a process; the message is one line."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scope", ctypes.c_uint64),
    )


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return the version of Landlock that the kernel has; 0 if it has none."""
    try:
        return max(0, ctypes.CDLL(None).syscall(CREATE_RULESET, None, 0, 1))
    except (AttributeError, OSError):
        return 0


def refuses_connections() -> bool:
    """Return whether the kernel can keep a process from opening TCP connections (Linux 6.7)."""
    return version() >= WITH_CONNECTIONS


def confine(folder: Path, hidden: Iterable[Path]) -> None:
    """Let this process write below a folder only, read nothing hidden, and connect to nobody.

    Parameters
    ----------
    folder
        Where it may write.
    hidden
        Files and folders that it may not read.

    Raises
    ------
    ConfinementError
        If the system has no Landlock.
    """
    known = version()
    if not known:
        raise ConfinementError("confining a process needs Linux 5.13 or newer with Landlock")
    everything = (1 << RIGHTS.get(known, 16)) - 1
    # From version 6 also signals and sockets of processes outside.
    connects = known >= WITH_CONNECTIONS
    asked = _Ruleset(everything, 3 if connects else 0, 3 if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if connects else 8
    ruleset = _call(CREATE_RULESET, ctypes.byref(asked), size, 0)
    for place in readable(Path("/"), [path.resolve() for path in hidden]):
        _allow(ruleset, place, READ)
    _allow(ruleset, folder, everything)
    _allow(ruleset, Path(os.devnull), READ_FILE | WRITE_FILE)
    if ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise ConfinementError("the kernel refuses to confine a process")
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    _refuse_calls()


def _refuse_calls() -> None:
    """Refuse new sockets, and to leave the group of processes that is ended together.

    Landlock knows nothing of Unix sockets that have a path, and servers listen at some of them.
    `seccomp(2)` asks a small program about each call of the kernel: load a word, compare, jump.

    Raises
    ------
    ConfinementError
        If the processor or the kernel is not known to do so.
    """
    machine = os.uname().machine
    if machine not in CALLS:
        raise ConfinementError(f"what calls of the kernel are numbered on {machine} is not known")
    processor, *refused = CALLS[machine]
    to_refuse = range(len(refused), 0, -1)
    lines = [
        (LOAD, 0, 0, 4),  # the kind of processor whose call this is
        (IF_EQUAL, 1, 0, processor),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the number of the call
        (IF_AT_LEAST, len(refused) + 1, 0, OTHER_NUMBERS),
        *((IF_EQUAL, jump, 0, call) for jump, call in zip(to_refuse, refused, strict=True)),
        (ANSWER, 0, 0, ALLOW),
        (ANSWER, 0, 0, REFUSE | errno.EPERM),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(code))
    if ctypes.CDLL(None).prctl(SET_SECCOMP, FILTER, ctypes.c_char_p(program), 0, 0):
        raise ConfinementError("the kernel refuses to filter the calls of a process")


def limit(seconds: int, gigabytes: float) -> None:
    """Limit processor time, size of files, and the memory taken besides what is in use already."""
    # The first limit asks the process to end, the second, a little later, makes it.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + int(gigabytes * 1e9)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that is too large is an error then


def readable(place: Path, hidden: list[Path]) -> Iterator[Path]:
    """Yield files and folders that hold together all there is below a place but what is hidden."""
    if place in hidden:
        return
    if not any(path.is_relative_to(place) for path in hidden):
        yield place
        return
    for below in sorted(place.iterdir()):
        if not below.is_symlink():
            yield from readable(below, hidden)


def _allow(ruleset: int, place: Path, rights: int) -> None:
    """Add a rule: what may be done with a file, or with everything below a folder."""
    try:
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # it is gone, or not for us: nothing to allow
    rights &= ~0 if place.is_dir() else OF_FILES
    try:
        _call(ADD_RULE, ruleset, BELOW_PATH, ctypes.byref(_Rule(rights, opened)), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: object) -> int:
    """Make a system call.

    Raises
    ------
    ConfinementError
        If the kernel refuses.
    """
    library = ctypes.CDLL(None, use_errno=True)
    answer = library.syscall(number, *arguments)
    if answer < 0:
        raise ConfinementError(f"the kernel refuses: {os.strerror(ctypes.get_errno())}")
    return answer
