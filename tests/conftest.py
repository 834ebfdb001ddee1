"""What several test modules need.

The course is imported where it is used: the process that hands out tests has no need of it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import browser
import pytest
from hypothesis import settings

from har_utils.imports import without_address_grammar

if TYPE_CHECKING:
    from har_utils.dataset import Dataset

without_address_grammar()  # as every command does

REPOSITORY = Path(__file__).resolve().parents[1]

settings.register_profile("shared machine", deadline=None)  # how long an example takes is no result
settings.load_profile("shared machine")


LONG = ("site", "pipeline", "contributing", "training", "teaching_grading", "exercises", "dataset")
"""The test files that take longest; two processes end together if these come first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files come first."""
    items.sort(key=lambda item: item.path.stem.removeprefix("test_") not in LONG)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported: a tenth of the tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def data() -> Dataset:
    """The whole data set."""
    from har_utils import dataset

    return dataset.load()


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """A function: name of a file in the optional shared folder → its path, or skip the test."""
    folder = Path(os.environ.get("HAR_SHARED") or REPOSITORY.parent / "shared")

    def find(name: str) -> Path:
        if not (folder / name).exists():
            pytest.skip(f"needs {name} of the optional shared folder (HAR_SHARED)")
        return folder / name

    return find


@pytest.fixture(scope="session")
def patched_keras() -> None:
    """Let trainings begin as quickly as in the lessons, from here on."""
    from har_utils import models

    models.prepare()
    models.patch_keras()
    gc.freeze()  # TensorFlow, too, which is imported only now


@pytest.fixture(scope="session")
def started() -> Iterator[browser.Browser]:
    """A browser, or the tests that need one are skipped."""
    program = browser.find()
    if not program:
        pytest.skip(f"needs a browser: {', '.join(browser.NAMES)}")
    with browser.start(program) as window:
        yield window


@pytest.fixture
def course_style() -> Iterator[None]:
    """The style of the course's figures, at a resolution that is quick to draw."""
    import matplotlib.pyplot as plt

    from har_utils import plots

    plt.switch_backend("agg")
    plots.use_style()
    plt.rcParams["savefig.dpi"] = 50
    yield
    plt.close("all")
