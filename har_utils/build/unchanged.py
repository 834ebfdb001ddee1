"""Whether anything has changed since a build was finished, without starting Snakemake.

What Snakemake would do is decided by the files that it sees (which there are, how large, from
when), by the parameters of its rules and by its version. If all of that is as it was right after
a build that made everything, it has nothing to do.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from har_utils import files, results

SOURCES = ("Snakefile", "config", "data/original", "har_utils", "notebooks", "report")
"""What people write and what is published, within the repository."""

MADE = (
    *("data.json", "figures", "generated", "manifest.json", "notebooks", "report.pdf", "results"),
    *("results-set-apart", "site", "values"),
)
"""What a build makes, within its folder."""

PASSED_OVER = ("__pycache__", ".ipynb_checkpoints")
"""Folders that come and go without changing anything."""


class Finished:
    """What was so when a build was finished: its own file in the build's folder.

    Parameters
    ----------
    profile, seeds
        As they were asked for.
    """

    def __init__(self, profile: str, seeds: int | None) -> None:
        self.folder = results.build_folder(profile)
        self.file = self.folder / ".finished.json"
        self.asked = f"{profile} {seeds}"
        self.before: str | None = None

    def said(self) -> str | None:
        """Return what the build said at its end if it would have nothing to do now, else None."""
        try:
            kept = files.read_json(self.file)
            same = kept["sources"] == self._sources() and kept["made"] == self._made()
            return str(kept["said"]) if same else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def begin(self) -> None:
        """Forget the last build: another one begins."""
        self.file.unlink(missing_ok=True)
        self.before = self._sources()

    def end(self, said: str) -> None:
        """Note that everything is made of the sources as they were when the build began."""
        kept: dict[str, Any] = {"sources": self.before, "made": self._made(), "said": said}
        files.write_json(self.file, kept)

    def _sources(self) -> str:
        """Return the digest of everything a build depends on."""
        places = [files.REPOSITORY / name for name in SOURCES]
        places += [Path(os.environ["HAR_DATA"])] if os.environ.get("HAR_DATA") else []
        chosen = {
            key: value
            for key, value in os.environ.items()
            if key.startswith("HAR_") or key == "PAPER"
        }
        surroundings = [self.asked, sys.version, sys.executable, str(Path.cwd())]
        surroundings += [f"{key}={value}" for key, value in sorted(chosen.items())]
        surroundings += [f"{name} {version}" for name, version in _packages()]
        return _digest([*surroundings, *(line for place in places for line in _seen(place))])

    def _made(self) -> str:
        """Return the digest of everything a build makes."""
        return _digest([line for name in MADE for line in _seen(self.folder / name)])


def _packages() -> list[tuple[str, str]]:
    """Return the versions of all that is installed, the packaged recordings included."""
    installed = importlib.metadata.distributions()
    return sorted({(each.metadata["Name"], each.version) for each in installed})


def _seen(place: Path) -> Iterator[str]:
    """Yield a line for a file, or each file in a folder: its path, its size and when it changed."""
    if place.is_dir():
        with os.scandir(place) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.name not in PASSED_OVER:
                    yield from _seen(Path(entry.path))
    elif place.exists():
        status = place.stat()
        yield f"{place} {status.st_size} {status.st_mtime_ns}"
    else:
        yield f"{place} is not there"


def _digest(lines: list[str]) -> str:
    """Return the SHA-256 of some lines."""
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()
