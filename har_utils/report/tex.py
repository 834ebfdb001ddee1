"""Finding a TeX that can set the report, getting one where that is possible, and setting it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from har_utils import files
from har_utils.report import manifest

SOURCES = files.REPOSITORY / "report"
"""The folder with ``report.tex``."""

DEBIAN_PACKAGES = ("texlive-latex-recommended", "texlive-publishers", "texlive-fonts-recommended")
"""What Debian and Ubuntu call everything the report needs."""

PAPERS = ("letter", "a4")
"""Sizes of paper that ``PAPER`` may name; the first is used where it is not set."""

PASSES = 6
"""LaTeX is run again at most so often until page numbers and references stay as they are."""


class TexError(RuntimeError):
    """TeX is missing, or cannot set the report; the message is for the person."""


# --- Finding one --------------------------------------------------------------------------------


def find() -> str:
    """Return the engine that can set the report: "pdflatex" or "tectonic".

    Raises
    ------
    TexError
        If there is none; the message says what is missing.
    """
    problem = _problem_of_texlive()
    if problem is None:
        return "pdflatex"
    if shutil.which("tectonic") and _sets_a_page("tectonic"):
        return "tectonic"
    raise TexError(problem)


def ensure() -> str:
    """Return an engine as `find` does; install Debian's packages first where that is possible.

    Raises
    ------
    TexError
        If there is no TeX and none can be installed; the message says what to do.
    """
    try:
        return find()
    except TexError as error:
        problem = str(error)
    packages = " ".join(DEBIAN_PACKAGES)
    command = _install_command()
    if command is None:
        raise TexError(
            f"no TeX that can set the report ({problem}): install tectonic, or TeX Live with "
            f"IEEEtran (Debian and Ubuntu: apt-get install {packages})"
        )
    print(f"TeX: {problem}; installing {packages} with apt-get (a few minutes).", flush=True)
    _install(command)
    return find()


def _problem_of_texlive() -> str | None:
    """Return why an installed TeX Live cannot set the report, or None if it can."""
    missing = [name for name in ("pdflatex", "bibtex", "kpsewhich") if not shutil.which(name)]
    if missing:
        return f"{missing[0]} is not installed"
    missing = [name for name in _needed_files() if not _run(["kpsewhich", name])]
    if missing:
        return f"{missing[0]} is not installed"
    return None if _sets_a_page("pdflatex") else "pdflatex fails on a test page"


def _needed_files() -> list[str]:
    """Return the class, style and bibliography files that the report asks for."""
    packages = re.findall(r"\\usepackage(?:\[.*?\])?\{(\w+)\}", _preamble())
    return ["IEEEtran.cls", "IEEEtran.bst", *(f"{name}.sty" for name in packages)]


def _preamble() -> str:
    """Return the lines of the report that load its class and packages."""
    lines = (SOURCES / "report.tex").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith(("\\documentclass", "\\usepackage")))


def _sets_a_page(engine: str) -> bool:
    """Return whether an engine sets a page with the report's class, packages and fonts."""
    text = r"\section{Test}\textbf{bold} \emph{italic} \texttt{code} \textsf{sans} $\pm\Sigma$"
    page = f"{_preamble()}\n\\begin{{document}}{text}\\end{{document}}\n"
    with tempfile.TemporaryDirectory(prefix="har-tex-") as folder:
        (Path(folder) / "report.tex").write_text(page, encoding="utf-8")
        return _run(_command(engine), Path(folder)) and Path(folder, "report.pdf").exists()


def _install_command() -> list[str] | None:
    """Return how Debian packages can be installed by who is running this, or None."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    may_ask = sys.stdin.isatty()
    if shutil.which("sudo") and (may_ask or _run(["sudo", "-n", "true"])):
        return ["sudo", "apt-get"]
    return None


def _install(apt_get: list[str]) -> None:
    """Install the Debian packages.

    Raises
    ------
    TexError
        If apt-get fails; the message has its last line.
    """
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "--yes", "--no-install-recommends", *DEBIAN_PACKAGES]
    for arguments in (["update"], install):
        done = subprocess.run(
            [*apt_get, "-qq", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            said = [line for line in done.stdout.splitlines() if line.strip()] or ["no reason"]
            raise TexError(f"apt-get {arguments[0]} failed: {said[-1]}")


# --- Setting the report -------------------------------------------------------------------------


def paper() -> str:
    """Return the size of paper that the reader chose with ``PAPER``.

    Raises
    ------
    TexError
        If it is none of `PAPERS`.
    """
    chosen = os.environ.get("PAPER") or PAPERS[0]
    if chosen not in PAPERS:
        raise TexError(f"PAPER={chosen}: choose one of {', '.join(PAPERS)}")
    return chosen


def make_pdf(build: Path, output: Path) -> None:
    """Set the report of one build, on the `paper` that the reader chose.

    Parameters
    ----------
    build
        The build: its ``generated/`` and ``figures/`` go into the report.
    output
        The PDF; written aside, then put in its place.

    Raises
    ------
    TexError
        If there is no TeX, or the report is not whole: an undefined number, an unknown reference,
        a line that does not fit.
    """
    engine = find()
    folder = build / "report"
    _gather(build, folder)
    _set(engine, folder)
    files.copy(folder / "report.pdf", output)


def _gather(build: Path, folder: Path) -> None:
    """Bring everything LaTeX reads into one fresh folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in [*SOURCES.glob("*.tex"), *SOURCES.glob("*.bib")]:
        shutil.copyfile(path, folder / path.name)
    size = rf"\PassOptionsToClass{{{paper()}paper}}{{IEEEtran}}"
    files.write_text(folder / "paper.tex", f"{size}\n")
    shutil.copytree(SOURCES / "sections", folder / "sections")
    shutil.copytree(build / "generated", folder / "generated")
    shutil.copytree(build / "figures", folder / "figures")
    digest = manifest.set_from(SOURCES, build / "generated", build / "figures")
    files.write_text(folder / "set_from.tex", f"\\newcommand{{\\harsetfrom}}{{{digest}}}\n")


def _set(engine: str, folder: Path) -> None:
    """Run an engine until references stay the same, then look at its log.

    Raises
    ------
    TexError
        If something is wrong; one line for each thing.
    """
    from har_utils.report.typesetting import check_log  # needs all the rest; finding a TeX does not

    log = folder / "report.log"
    whole = _run(_command(engine), folder)
    if engine == "pdflatex" and whole:
        _run(["bibtex", "report"], folder)
        passes = [_read(folder / "report.aux")]
        while whole and passes[-1] not in passes[:-1] and len(passes) < PASSES:
            whole = _run(_command(engine), folder)
            passes.append(_read(folder / "report.aux"))
    problems = check_log(_read(log))
    if not whole:  # then references are unknown only because it stopped early
        problems = [line for line in problems if not line.startswith(("Citation", "Reference"))]
    if problems or not whole:
        what = "; ".join(problems[:5]) or f"{engine} failed"
        raise TexError(f"report.tex: {what} (see {log})")


def _command(engine: str) -> list[str]:
    """Return the command that sets ``report.tex`` in the working directory once."""
    if engine == "tectonic":
        return ["tectonic", "--keep-logs", "report.tex"]
    return ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]


def _read(log: Path) -> str:
    """Return a log's text, empty if there is none."""
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def _run(command: list[str], folder: Path | None = None) -> bool:
    """Run a command without showing what it says; return whether it went well."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": "0"}  # no date, the same bytes
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL
    )
    return done.returncode == 0
