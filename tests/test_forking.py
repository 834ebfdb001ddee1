"""Processes that are forks of a build's server: what they are given, and when they end."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from toy import PARAMETERS, write_notebook

from har_utils import forking
from har_utils.build import notebooks, snakemake

ASKED = """\
import json, os, sys
seen = {"arguments": sys.argv[1:], "folder": os.getcwd(), "variable": os.environ.get("SAID")}
print(json.dumps(seen | {"imported": "wave" in sys.modules, "name": __name__}))
print("a word", file=sys.stderr)
sys.exit(7)
"""

SLEEP = """\
import os, pathlib, sys, time
pathlib.Path("pid.part").write_text(str(os.getpid()))
pathlib.Path("pid.part").rename("pid")
try:
    time.sleep(120)
except KeyboardInterrupt:
    sys.exit(9)
"""


def start(folder, source, *arguments):
    """Ask for a module with this source, from its folder."""
    (folder / "asked.py").write_text(source)
    path = os.pathsep.join([str(folder), str(folder / "elsewhere"), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-m", "har_utils.forking", "asked", *arguments],
        cwd=folder,
        env=os.environ | {"SAID": "yes", "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def number_in(path):
    """Wait for a file with the number of a process."""
    end = time.monotonic() + 120
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.1)
    return int(path.read_text())


def ends(pid):
    """Return whether a process is gone within two minutes."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def serving(tmp_path, monkeypatch):
    """Keep a server running that has imported a module nobody else imports."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    with forking.server(["no_such_module", "wave"], {}):
        yield


@pytest.mark.parametrize("forked", [True, False])
def test_fork_is_as_the_module_run_by_itself(tmp_path, forked, request):
    if forked:
        request.getfixturevalue("serving")
    process = start(tmp_path, ASKED, "a b", "--c")
    stdout, stderr = process.communicate(timeout=120)
    seen = {"arguments": ["a b", "--c"], "folder": str(tmp_path), "variable": "yes"}
    assert json.loads(stdout) == seen | {"imported": forked, "name": "__main__"}
    assert (stderr, process.returncode) == ("a word\n", 7)


def test_fork_that_raises_says_so_and_the_server_goes_on(tmp_path, serving):
    for _ in range(2):
        process = start(tmp_path, "1 / 0")
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "ZeroDivisionError" in stderr


def test_fork_imports_from_the_folders_it_is_given(tmp_path, serving):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "only_there.py").write_text("said = 3")
    process = start(tmp_path, "import sys, only_there\nsys.exit(only_there.said)")
    assert process.wait(timeout=120) == 3


@pytest.mark.parametrize("forked", [True, False])
def test_fork_that_crashes_says_how(tmp_path, forked, request):
    if forked:
        request.getfixturevalue("serving")
    process = start(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    status = process.wait(timeout=120)
    assert status == (128 + signal.SIGSEGV if forked else -signal.SIGSEGV)


def test_fork_that_leaves_at_once_says_its_status(tmp_path, serving):
    process = start(tmp_path, "import os\nos._exit(5)")
    assert process.wait(timeout=120) == 5


def test_fork_stops_where_who_asked_is_killed(tmp_path, serving):
    process = start(tmp_path, SLEEP)
    pid = number_in(tmp_path / "pid")
    assert pid != process.pid
    process.kill()
    process.communicate()
    assert ends(pid)


def test_fork_is_interrupted_where_who_asked_is(tmp_path, serving):
    process = start(tmp_path, SLEEP)
    number_in(tmp_path / "pid")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 9


def test_kernel_of_the_server_shows_figures(tmp_path):
    """The server imports matplotlib before there is a kernel that shows what it draws."""
    write_notebook(tmp_path / "a.ipynb", PARAMETERS, "import matplotlib.pyplot as plt\nplt.plot()")
    with forking.server(snakemake.PACKAGES, snakemake.imported_as_by_kernels()):
        notebooks.run(tmp_path / "a.ipynb", tmp_path / "out.ipynb")
    outputs = nbformat.read(tmp_path / "out.ipynb", 4).cells[-1].outputs
    assert [set(output.data) for output in outputs if "data" in output][-1] >= {"image/png"}
