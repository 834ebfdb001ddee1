"""Slides for each lesson, from the published figures: a page for a browser that needs nothing else.

Each figure brings its title and words along, so a slide says what it shows. Arrow keys turn the
slides; printed, there is one to a page.
"""

from __future__ import annotations

import base64
from pathlib import Path

import jinja2
from PIL import Image

from har_utils import files
from har_utils.build import notebooks, six_windows
from har_utils.build.dependencies import PACKAGE
from har_utils.course import start_page

TEMPLATES = PACKAGE / "templates" / "slides"


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
    return [unnamed(), slide(figure)] if figure == six_windows.NAMED else [slide(figure)]


def unnamed() -> dict[str, str]:
    """Return the slide of the six windows before they have names."""
    said = six_windows.texts()
    return {
        "title": said["question"],
        "words": said["words"],
        "picture": base64.b64encode(six_windows.picture()).decode(),
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
