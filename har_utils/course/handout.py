"""The course without its solutions, in one zip file for a class.

What is committed is packed, not what lies in the folder: a teacher who tries an exercise solves it
there. The handout has the pages of the course, if they are made, and what the notebooks need to
run; nothing for those who develop it.
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from har_utils import files, results, sentences
from har_utils.build import plan, site
from har_utils.build.dependencies import PipelineError
from har_utils.course import exercises

say = sentences.beside(__file__)

FOLDER = "har-course"
"""The folder that everything unpacks to."""

PAGES = "pages"
"""The folder in it with the pages for a browser."""

FOR_STUDENTS = (
    *("notebooks/", "har_utils/", "config/", "LICENSE", "CITATION.cff", "data/README.md"),
    *("report/results/", "report/models/", "report/others/", "report/validation/"),
    *("report/report.pdf", "report/lesson_times.json"),
    *("Makefile", "pyproject.toml", "requirements.lock", "environment.yml", "postBuild"),
    *("Dockerfile", ".dockerignore"),
)
"""What a class gets: files, and folders with all that is in them."""

LEFT_OUT = "notebooks/solutions/"
"""What of it a class does not get."""

README = "teaching/for_students.md"
"""What becomes the handout's README.md; what is in braces comes from `NEEDS`."""

PROJECT = "teaching/project.md"
"""What becomes its PROJECT.md."""

NEEDS = "config/needs.yaml"
"""What a machine needs for the course, as measured."""

LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*solutions/[^)\s]*\)")
"""A link to a solution, in Markdown."""

HELP = re.compile(r'^\t@echo "make (?!lab |clean |env )\S+ .*\n', flags=re.MULTILINE)
"""What ``make`` lists and a class cannot do: it has no report to set, no solutions and no git."""


class HandoutError(ValueError):
    """A course that cannot be handed out; the message is one line for the teacher."""


@dataclass(frozen=True)
class Handout:
    """What was packed.

    Attributes
    ----------
    path
        The zip file.
    changed
        Committed files that were changed since; what was packed does not have the changes.
    has_pages
        Whether the pages for a browser are in it.
    """

    path: Path
    changed: list[str]
    has_pages: bool

    @property
    def remarks(self) -> list[str]:
        """What the teacher should know, one line each."""
        changed = [say("changed", files=self.changed)] if self.changed else []
        return [*changed, *([] if self.has_pages else [say("no_pages")])]


def pack(
    output: Path | None = None,
    pages: Path | None = None,
    changes: Mapping[str, bytes] | None = None,
) -> Handout:
    """Pack what a class needs of the last commit; the same commit gives the same bytes.

    Parameters
    ----------
    output
        The zip file; None is ``build/handout.zip``.
    pages
        The folder with the pages for students (`har_utils.build.site`); none if it is not there.
    changes
        Files to pack instead of those committed: name → content.

    Raises
    ------
    FileNotFoundError
        If this is not a git repository: then nobody knows which files belong to the course.
    HandoutError
        If an exercise is not what comes from its solution: it may be solved.
    """
    output = output or results.build_folder("handout").with_suffix(".zip")
    there = pages is not None and pages.is_dir()
    with committed() as folder:
        content = contents(folder) | dict(changes or {})
        if pages is not None and there:
            shown = _below(pages)
            content |= {f"{PAGES}/{name}": path.read_bytes() for name, path in shown.items()}
            offered = {f"{PAGES}/{name}": text for name, text in (changes or {}).items()}
            content |= {name: text for name, text in offered.items() if name in content}
        executable = {name for name, path in _below(folder).items() if path.stat().st_mode & 0o100}
    with files.atomic(output) as aside, zipfile.ZipFile(aside, "w") as archive:
        for name in sorted(content):
            entry = files.zip_entry(f"{FOLDER}/{name}")
            entry.external_attr = (0o755 if name in executable else 0o644) << 16
            archive.writestr(entry, content[name])
    return Handout(output, changed_files(), there)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a handout without its pages: name → content.

    Parameters
    ----------
    folder
        A copy of the repository as it is committed.

    Raises
    ------
    HandoutError
        If an exercise is not what comes from its solution.
    """
    refuse_solved(folder)
    there = _below(folder)
    chosen = [n for n in there if n.startswith(FOR_STUDENTS) and not n.startswith(LEFT_OUT)]
    packed = {name: _for_a_class(name, there[name].read_bytes()) for name in chosen}
    packed["notebooks/exercises/README.md"] = exercises.index(folder / "notebooks", False).encode()
    packed["README.md"] = _readme(folder).encode()
    packed["PROJECT.md"] = there[PROJECT].read_bytes()
    return packed


def refuse_solved(folder: Path = files.REPOSITORY) -> None:
    """Raise ``HandoutError`` if an exercise is not what comes from its solution."""
    problems = exercises.problems(folder / "notebooks")
    if problems:
        raise HandoutError(f"an exercise may hold its solution: {problems[0]}")


def pages() -> Path | None:
    """Make the pages for a class of the last ``make report``; None if there is no finished build.

    Raises
    ------
    HandoutError
        If an exercise that lies in the folder is not what comes from its solution.
    """
    course = plan.course("report")
    try:
        site.refuse_unfinished(course)
    except PipelineError:
        return None
    refuse_solved()
    return site.make(course, solutions=False).parent


# --- What is committed ----------------------------------------------------------------------------


@contextlib.contextmanager
def committed() -> Iterator[Path]:
    """Give a folder with every file of the last commit; it is gone after the ``with`` block.

    Raises
    ------
    FileNotFoundError
        If this is not a git repository, or nothing is committed.
    """
    archive = _git("archive", "--format=tar", "HEAD")
    with tempfile.TemporaryDirectory(prefix="har-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        yield Path(folder)


def changed_files() -> list[str]:
    """Return the committed files that were changed since the last commit."""
    return [name for name in _git("diff", "--name-only", "-z", "HEAD").decode().split("\0") if name]


def _git(*arguments: str) -> bytes:
    """Return what git answers about the repository."""
    command = ["git", "-C", str(files.REPOSITORY), *arguments]
    done = subprocess.run(command, capture_output=True)
    if done.returncode:
        place = files.REPOSITORY.name
        raise FileNotFoundError(
            f"{place} has no commit that git knows: pack the handout in a clone"
        )
    return done.stdout


def _below(folder: Path) -> dict[str, Path]:
    """Return the files below a folder: relative name → file."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in found}


# --- What a class gets to see ---------------------------------------------------------------------


def _for_a_class(name: str, content: bytes) -> bytes:
    """Return what a file holds in the handout."""
    if name == "Makefile":
        return HELP.sub("", content.decode()).encode()
    if name.endswith((".md", ".ipynb")):
        return without_links(content.decode()).encode()
    return content


def _readme(folder: Path) -> str:
    """Return the handout's README."""
    needs = yaml.safe_load((folder / NEEDS).read_text(encoding="utf-8"))
    text = (folder / README).read_text(encoding="utf-8")
    return text.format(environment=needs["environment_gb"], memory=needs["memory_gb"])


def without_links(text: str) -> str:
    """Return Markdown, or a notebook's text, with the words of links to solutions but no links."""
    return LINK.sub(r"\1", text)
