"""What a report was made of, file by file: so that a changed digit is noticed, and named.

A manifest is one JSON file with the SHA-256 of every file that belongs to a build, or to what was
published. The PDF itself holds the digest of all that it was set from, so that a PDF of other
tables or figures does not pass for this one even where somebody wrote the manifest anew.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from har_utils import files

NAME = "manifest.json"
"""A manifest's file: in a build's folder, or in ``report/``."""

BUILT = (
    "data.json",
    "report.pdf",
    "generated",
    "figures",
    "values",
    "results",
    "notebooks",
    "site",
)
"""What belongs to a build, below its folder."""

PUBLISHED = (
    *("figures", "report/report.pdf", "report/generated", "report/values", "report/results"),
    *(
        "report/validation",
        "report/models",
        "report/others",
        "report/provenance.json",
        "report/test_touches.json",
    ),
)
"""What belongs to the published report, below the repository; what is not published is left out."""

SOURCES = ("report.tex", "references.bib", "sections")
"""What people wrote of the report, below ``report/``."""

SET_FROM = re.compile(rb"/SetFrom\s*\(([0-9a-f]{64})\)")
"""The entry of a PDF that says from what it was set."""


def digests(folder: Path, parts: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of every file in some parts of a folder, hidden ones left out.

    Parameters
    ----------
    folder
        A build's folder, or the repository.
    parts
        Files and folders below it; those that are not there are left out.

    Returns
    -------
    dict
        Path below the folder, with ``/`` → SHA-256, hexadecimal; in the order of the paths.
    """
    found = {}
    for part in parts:
        place = folder / part
        for path in [place] if place.is_file() else place.rglob("*"):
            below = path.relative_to(folder)
            if path.is_file() and not any(name.startswith(".") for name in below.parts):
                found[below.as_posix()] = files.sha256(path)
    return dict(sorted(found.items()))


def write(path: Path, folder: Path, parts: Iterable[str], pages: Mapping[str, str] = {}) -> Path:
    """Write the manifest of a folder.

    Parameters
    ----------
    path
        Where it goes.
    folder, parts
        As in `digests`.
    pages
        Path → SHA-256 of pages that belong to it and lie elsewhere.
    """
    parts = tuple(parts)
    content = {"parts": parts, "files": digests(folder, parts), "pages": dict(pages)}
    return files.write_json(path, content)


def problems(path: Path, folder: Path) -> list[str]:
    """Return what does not belong to what else lies in a folder, one line for each file.

    Parameters
    ----------
    path
        The manifest.
    folder
        What its paths are below.
    """
    if not path.exists():
        return [f"{files.shown(path)} is missing: nothing says what belongs together"]
    kept = files.read_json(path)
    known, there = kept["files"], digests(folder, kept["parts"])
    shown = {name: files.shown(folder / name) for name in known | there}
    said = {
        **{name: f"{shown[name]} is missing" for name in known.keys() - there.keys()},
        **{name: f"{shown[name]} is in no manifest" for name in there.keys() - known.keys()},
        **{
            name: f"{shown[name]} is not the file of the manifest"
            for name in known.keys() & there.keys()
            if known[name] != there[name]
        },
    }
    return [said[name] for name in sorted(said)]


# --- What a PDF was set from --------------------------------------------------------------------


def set_from(sources: Path, generated: Path, figures: Path) -> str:
    """Return the SHA-256 of everything LaTeX reads: texts, numbers, tables, figures.

    Parameters
    ----------
    sources
        The folder with ``report.tex``.
    generated, figures
        The folders of numbers and tables, and of figures.
    """
    parts = {
        **digests(sources, SOURCES),
        **{f"generated/{name}": each for name, each in _digests_of(generated, "*.tex").items()},
        **{f"figures/{name}": each for name, each in _digests_of(figures, "*.pdf").items()},
    }
    listed = "\n".join(f"{name} {parts[name]}" for name in sorted(parts))
    return hashlib.sha256(listed.encode()).hexdigest()


def _digests_of(folder: Path, pattern: str) -> dict[str, str]:
    """Return the SHA-256 of each file of a folder whose name fits."""
    return {path.name: files.sha256(path) for path in folder.glob(pattern)}


def said_in(pdf: Path) -> str | None:
    """Return the digest of what a PDF says it was set from, or None if it says nothing."""
    content = pdf.read_bytes()
    found = SET_FROM.search(content)
    if found is None:  # some engines compress the part of the file that holds it
        found = next(filter(None, map(SET_FROM.search, _inflated(content))), None)
    return found[1].decode() if found else None


def _inflated(content: bytes) -> Iterable[bytes]:
    """Yield the streams of a PDF that can be inflated."""
    for start in re.finditer(rb"stream\r?\n", content):
        try:
            yield zlib.decompressobj().decompress(content[start.end() :])
        except zlib.error:
            continue
