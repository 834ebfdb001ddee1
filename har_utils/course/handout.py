"""The course without its solutions, in one zip file for a class."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from pathlib import Path

from har_utils import files, results
from har_utils.course import exercises

LEFT_OUT = "notebooks/solutions/"
"""What a class does not get."""

FOLDER = "har-course"
"""The folder that everything unpacks to."""

LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*solutions/[^)\s]*\)")
"""A link to a solution, in Markdown."""

FOR_TEACHERS = re.compile(r"^## To teach\n.*?(?=^## )", flags=re.MULTILINE | re.DOTALL)
"""The part of README.md that is about solutions."""

HELP = re.compile(r'^\t@echo "make (?:exercises|handout|publish) .*\n', flags=re.MULTILINE)
"""What ``make`` lists but cannot do without solutions or git."""

PUBLISHING = re.compile(
    r"^\.venv/bin/python -m har_utils publish .*\n| `make publish`[^.]*\.", flags=re.MULTILINE
)
"""What README.md says about copying results into a repository; a class has none."""

GIT = re.compile(r", `git`(?= and Python)|; `git restore notebooks` brings them\s+back")
"""What README.md says of git; a class unpacks a zip file."""


def pack(output: Path | None = None) -> Path:
    """Pack every file of the course that git knows, without solutions and links to them.

    The same files give the same bytes.

    Parameters
    ----------
    output
        The zip file; None is ``build/handout.zip``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileNotFoundError
        If this is not a git repository: then nobody knows which files belong to the course.
    """
    output = output or results.build_folder("handout").with_suffix(".zip")
    names = _names()
    with files.atomic(output) as aside, zipfile.ZipFile(aside, "w") as archive:
        for name in names:
            entry = files.zip_entry(f"{FOLDER}/{name}")
            executable = os.access(files.REPOSITORY / name, os.X_OK)
            entry.external_attr = (0o755 if executable else 0o644) << 16
            archive.writestr(entry, _content(name))
    return output


def _names() -> list[str]:
    """Return the files of the handout, relative to the repository."""
    command = ["git", "-C", str(files.REPOSITORY), "ls-files", "-z"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        place = files.REPOSITORY.name
        raise FileNotFoundError(f"{place} is not a git repository: pack the handout in a clone")
    known = [name for name in done.stdout.split("\0") if name and not name.startswith(LEFT_OUT)]
    return sorted(name for name in known if (files.REPOSITORY / name).is_file())


def _content(name: str) -> bytes:
    """Return what a file holds in the handout."""
    if name == "notebooks/exercises/README.md":
        return exercises.index(solutions=False).encode()
    content = (files.REPOSITORY / name).read_bytes()
    if name == "Makefile":
        return HELP.sub("", content.decode()).encode()
    if not name.endswith((".md", ".ipynb")):
        return content
    text = for_a_class(content.decode()) if name == "README.md" else content.decode()
    return without_links(text).encode()


def for_a_class(readme: str) -> str:
    """Return README.md without what needs solutions or a repository."""
    text = GIT.sub("", PUBLISHING.sub("", FOR_TEACHERS.sub("", readme)))
    return text.replace("inside a clone of this repository", "inside the unpacked folder")


def without_links(text: str) -> str:
    """Return Markdown, or a notebook's text, with the words of links to solutions but no links."""
    return LINK.sub(r"\1", text)
