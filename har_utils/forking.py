"""Processes that begin with everything imported: a server that forks itself for each of them.

A job of a build imports Jupyter for itself, and TensorFlow and all the rest for its kernel, which
takes longer than many a job. So a build has a server that imports them once, when the first job
asks for it, and

    python -m har_utils.forking MODULE ARGUMENT ...

does what ``python -m MODULE ARGUMENT ...`` does, in a fork of the server. It hands over its
arguments, environment, folder and open streams, passes on interrupts, waits, and ends as the fork
ends (with 128 and the number of a signal that ended it, as in a shell); where it is killed, the
fork stops, too. Without a server it does everything itself.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from har_utils.imports import without_address_grammar

ADDRESS = "HAR_FORK_SERVER"
"""The variable that names the server's socket, for everything that a build starts."""

EVERY = 0.5
"""Seconds between two looks at whether the process that started this one is still there."""

CRASHED = 128
"""What a shell adds to the number of the signal that ended a program, for its exit status."""

NUMBER = struct.Struct("q")
"""How the fork says which process it is."""

PATIENCE = 10.0
"""Seconds a fork gets to stop by itself."""

START = "from har_utils import forking; forking.serve()"


@contextlib.contextmanager
def server(modules: Sequence[str], environment: dict[str, str]) -> Iterator[None]:
    """Keep a server running, which everything started within the ``with`` block finds.

    Parameters
    ----------
    modules
        What it imports before its first fork: other people's, which start no thread. This
        package's own may change while a build is going on, so every fork imports them itself.
    environment
        Variables that take effect when modules are imported.
    """
    with tempfile.TemporaryDirectory(prefix="har-") as folder, socket.socket(socket.AF_UNIX) as own:
        address = str(Path(folder) / "socket")
        own.bind(address)
        own.listen(64)
        variables = environment | {"JPY_PARENT_PID": "1"}  # no kernel has to watch its parent
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(own.fileno()), *modules],
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a fork has the streams of who asks for it
            stderr=subprocess.DEVNULL,
            pass_fds=[own.fileno()],
        )
        os.environ[ADDRESS] = address
        try:
            yield
        finally:
            del os.environ[ADDRESS]
            process.terminate()
            process.wait()


# --- The server ---------------------------------------------------------------------------------


def serve() -> None:
    """Fork for everybody who asks, until the process that started this one is gone."""
    without_address_grammar()
    number, *modules = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for those who ask
    parent, imported = os.getppid(), False
    clients: dict[int, socket.socket] = {}
    with socket.socket(fileno=int(number)) as listener:
        listener.settimeout(EVERY)
        while os.getppid() == parent:
            _forget_the_dead(clients)
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            if not imported:
                _import(modules)
                imported = True
            fork = os.fork()
            if fork == 0:
                for other in clients.values():
                    other.close()
                _become(client)
            clients[fork] = client


def _forget_the_dead(clients: dict[int, socket.socket]) -> None:
    """Let the system forget the forks that have ended; say how one did that could not say it."""
    with contextlib.suppress(ChildProcessError):
        while True:
            fork, status = os.waitpid(-1, os.WNOHANG)
            if not fork:
                return
            code = os.waitstatus_to_exitcode(status)
            with clients.pop(fork) as client, contextlib.suppress(OSError):
                client.sendall(bytes([code if code >= 0 else CRASHED - code]))


def _import(modules: Sequence[str]) -> None:
    """Import modules; of one that cannot be imported those will speak who need it."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.freeze()  # no fork has to look through, and so to copy, what stays as it is


def _become(client: socket.socket) -> None:
    """Be the process that was asked for, and end with it."""
    status = 1
    try:
        client.settimeout(None)
        _, streams, *_ = socket.recv_fds(client, 1, 3)
        with client.makefile(encoding="utf-8") as lines:
            asked = json.loads(lines.readline())
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.setsid()
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        named = asked["environment"].get("PYTHONPATH", "").split(os.pathsep)
        sys.path[1:1] = [folder for folder in named if folder and folder not in sys.path]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        client.sendall(NUMBER.pack(os.getpid()))
        threading.Thread(target=_stop_with, args=[client], daemon=True).start()
        status = _run(*asked["arguments"])
        atexit._run_exitfuncs()
    except KeyboardInterrupt:  # Jupyter interrupts a kernel that it is about to shut down
        status = CRASHED + signal.SIGINT
    except BaseException:  # it must not go on as a second server
        traceback.print_exc()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # it ends anyway, and says nothing of it
            signal.signal(number, signal.SIG_IGN)
        for written in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                written.flush()
        with contextlib.suppress(OSError):
            client.sendall(bytes([status]))
        os._exit(status)


def _stop_with(client: socket.socket) -> None:
    """Stop this process soon after the one that asked for it is gone."""
    with contextlib.suppress(OSError):
        client.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)


def _run(module: str, *arguments: str) -> int:
    """Run a module as ``python -m`` does and return the exit status."""
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 0xFF
        print(end.code, file=sys.stderr)
        return 1
    return 0


# --- Who asks -----------------------------------------------------------------------------------


def main() -> int:
    """Run the module that the command line names, in a fork of the server if there is one."""
    with socket.socket(socket.AF_UNIX) as own:
        try:
            own.connect(os.environ[ADDRESS])
        except (KeyError, OSError):
            return _run(*sys.argv[1:])
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # until there is who to tell
        asked: dict[str, Any] = {"arguments": sys.argv[1:], "folder": str(Path.cwd())}
        asked["environment"] = dict(os.environ)
        socket.send_fds(own, [b"\n"], [0, 1, 2])
        own.sendall(json.dumps(asked).encode() + b"\n")
        return _awaited(own)


def _awaited(own: socket.socket) -> int:
    """Return the exit status of the fork; leave it where whoever started this process is gone."""
    own.settimeout(EVERY)
    number = _received(own, NUMBER.size)
    if number:
        [fork] = NUMBER.unpack(number)
        signal.signal(signal.SIGINT, lambda *_: os.kill(fork, signal.SIGINT))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    status = _received(own, 1)
    return status[0] if status else 1


def _received(own: socket.socket, n_bytes: int) -> bytes:
    """Return what the fork says; nothing where it, or who started this process, is gone."""
    parent = os.getppid()
    while os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            return own.recv(n_bytes)
    return b""


if __name__ == "__main__":
    sys.exit(main())
