"""Slides for each lesson, from the published figures: a page for a browser that needs nothing else.

Each figure brings its title and words along, so a slide says what it shows. Arrow keys turn the
slides; printed, there is one to a page.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

import jinja2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from har_utils import dataset, files, plots, sentences
from har_utils.build import notebooks
from har_utils.build.dependencies import PACKAGE
from har_utils.course import start_page

say = sentences.beside(__file__)

TEMPLATES = PACKAGE / "templates" / "slides"

GUESSED = "one_window_each"
"""The figure before which a class guesses: its windows without their names come first."""

SHUFFLED = (4, 1, 5, 0, 3, 2)
"""The activities of the windows A to F."""


def write(folder: Path) -> list[Path]:
    """Write the slides of every lesson that has figures; return the files.

    Parameters
    ----------
    folder
        Where to.
    """
    written = []
    for name in start_page.lesson_names():
        drawn = notebooks.figures(notebooks.read(start_page.NOTEBOOKS / f"{name}.ipynb"))
        figures = [each for figure in drawn for each in _slides_of(figure)]
        if figures:
            path = folder / f"{name}.html"
            files.write_text(path, page(name, figures))
            written.append(path)
    return written


def _slides_of(figure: str) -> list[dict[str, str]]:
    """Return the slides of a figure; none if it is not published."""
    if not published(figure).exists():
        return []
    return [unnamed(), slide(figure)] if figure == GUESSED else [slide(figure)]


def unnamed() -> dict[str, str]:
    """Return a window of each activity as notebook 1 picks it, without names and out of order."""
    data, windows = dataset.load(), []
    for activity in SHUFFLED:
        rows = np.flatnonzero((data.subjects == 1) & (data.labels == activity))
        windows.append(data.windows[rows[len(rows) // 2]])
    plots.use_style()
    figure = plots.one_window_each(np.stack(windows), dataset.CHANNELS, named=False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=200)
    plt.close(figure)
    return {
        "title": say("guess"),
        "words": say("unnamed"),
        "picture": base64.b64encode(picture.getvalue()).decode(),
    }


def page(name: str, figures: list[dict[str, str]]) -> str:
    """Return the slides of a lesson: its question, its figures, what to remember of it."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    lesson = start_page.lesson(name)
    return templates.get_template("slides.html").render(lesson=lesson, figures=figures)


def published(figure: str) -> Path:
    """Return the file of a published figure."""
    return files.REPOSITORY / "figures" / f"{figure}.png"


def slide(figure: str) -> dict[str, str]:
    """Return a published figure with its title and words."""
    path = published(figure)
    with Image.open(path) as picture:
        said = {"Title": figure.replace("_", " "), "Description": ""} | picture.info
    return {
        "title": said["Title"],
        "words": " ".join(said["Description"].split()),
        "picture": base64.b64encode(path.read_bytes()).decode(),
    }
