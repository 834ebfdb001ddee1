"""What an archive and a person who checks the results want: an RO-Crate and a CODECHECK manifest.

Both are written from CITATION.cff and from what is published, so that no list is kept by hand.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any

import yaml

from har_utils import files, sentences
from har_utils.report import links, manifest

say = sentences.beside(__file__, capitals=False)

CRATE = "ro-crate-metadata.json"
"""The file that makes a folder an RO-Crate (https://w3id.org/ro/crate/1.1)."""

CHECK = "codecheck.yml"
"""The file of a CODECHECK (https://codecheck.org.uk/spec/config/1.0/)."""

PARTS = (
    *("report/report.pdf", "report/generated/", "report/results/", "report/values/"),
    *("report/models/", "report/others/", f"report/{manifest.NAME}", "report/test_touches.json"),
    *("figures/", "notebooks/", "har_utils/", "Snakefile", "requirements.lock"),
    *("ARTIFACT.md", "README.md", "LICENSE"),
)
"""What the crate holds; a folder's name ends with ``/``, a text of each name says what it is."""

LICENCES = {
    "MIT": "https://spdx.org/licenses/MIT",
    "CC-BY-4.0": "https://spdx.org/licenses/CC-BY-4.0",
}
"""Addresses of the licences that CITATION.cff names."""


def write(repository: Path | None = None) -> list[Path]:
    """Write both files into the repository; the same content gives the same bytes.

    Parameters
    ----------
    repository
        Another place than this one, for tests.
    """
    folder = repository or files.REPOSITORY
    files.write_json(folder / CRATE, crate(folder))
    text = "# Written by har_utils.build.archive: do not edit.\n"
    text += yaml.safe_dump(codecheck(folder), sort_keys=False, allow_unicode=True, width=100)
    files.write_text(folder / CHECK, text)
    return [folder / CRATE, folder / CHECK]


def citation(repository: Path) -> dict[str, Any]:
    """Return what CITATION.cff says."""
    return yaml.safe_load((repository / "CITATION.cff").read_text(encoding="utf-8"))


def crate(repository: Path) -> dict[str, Any]:
    """Return the metadata of the RO-Crate, specification 1.1: a flat list of what there is."""
    told = citation(repository)
    parts = [_part(repository, path) for path in PARTS]
    there = [part for part in parts if part]
    licences = [{"@id": LICENCES[name], "@type": "CreativeWork", "name": name} for name in LICENCES]
    authors = [
        {"@id": f"#author-{number}", "@type": _kind(author), "name": _name(author)}
        for number, author in enumerate(told["authors"], start=1)
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": told["title"],
        "description": " ".join(told["abstract"].split()),
        "version": told["version"],
        "datePublished": str(told["date-released"]),
        "keywords": ", ".join(told["keywords"]),
        "license": [{"@id": LICENCES[name]} for name in told["license"]],
        "author": [{"@id": author["@id"]} for author in authors],
        "hasPart": [{"@id": part["@id"]} for part in there],
    }
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [descriptor, root, *there, *licences, *authors],
    }


def _part(repository: Path, path: str) -> dict[str, Any] | None:
    """Return one file or folder of the crate, or None if it is not there."""
    place = repository / path
    if not place.exists():
        return None
    if place.is_dir():
        return {"@id": path, "@type": "Dataset", "name": say(path)}
    kind = mimetypes.guess_type(path)[0] or "text/plain"
    return {
        "@id": path,
        "@type": "File",
        "name": say(path),
        "encodingFormat": kind,
    }


def _kind(author: dict[str, str]) -> str:
    """Return whether an author is a person or a group."""
    return "Person" if "family-names" in author else "Organization"


def _name(author: dict[str, str]) -> str:
    """Return an author's name."""
    return author.get("name") or f"{author['given-names']} {author['family-names']}"


def codecheck(repository: Path) -> dict[str, Any]:
    """Return the manifest of a CODECHECK: which files a checker has to get again, and whence."""
    told = citation(repository)
    outputs = [{"file": "report/report.pdf", "comment": say("report")}]
    for name, lesson in sorted(links.origins().items()):
        path = f"report/generated/{name}.tex" if name in links.TABLES else f"figures/{name}.pdf"
        if (repository / path).exists():
            outputs.append({"file": path, "comment": say("output", lesson=lesson)})
    return {
        "version": "https://codecheck.org.uk/spec/config/1.0/",
        "paper": {
            "title": told["title"],
            "authors": [{"name": _name(author)} for author in told["authors"]],
        },
        "manifest": outputs,
        "summary": say("summary"),
        "codechecker": [],
    }
