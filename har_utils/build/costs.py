"""What much of it would cost: arithmetic from the published times, in core hours.

Training is what costs. Its processor seconds grow with windows, epochs and runs alike, so one
number a network says all: seconds per window and epoch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd

from har_utils import dataset, files, results, sentences, words
from har_utils.build import publication
from har_utils.build.plan import Course, course

say = sentences.beside(__file__)

DOCUMENT = Path("docs") / "cluster.md"
MARKERS = ("<!-- costs: begin -->", "<!-- costs: end -->")
"""Between these lines of the document stands the table."""

DEAREST, BEST = "multi_lstm", "modern"
"""The networks of the examples: the slowest of the course, and the one that answers best."""


@dataclass(frozen=True)
class Pace:
    """How fast a network learned in its published runs.

    Attributes
    ----------
    seconds
        Processor seconds of one core per window and epoch; the median over the runs.
    windows, epochs
        How many one of those runs learned from, and how often; medians as well.
    """

    seconds: float
    windows: int
    epochs: int

    def hours(self, runs: int, windows: float | None = None) -> float:
        """Return the core hours of some trainings; None for as many windows as those runs had."""
        return runs * self.seconds * (windows or self.windows) * self.epochs / 3600


def pace(network: str) -> Pace:
    """Return how fast a network learned, from the times of its published runs.

    Raises
    ------
    FileNotFoundError
        If no run of it is published.
    """
    folder = results.published_folder()
    times = [t for t in files.read_json(folder / "timing.json") if t["name"] == network]
    times = [t for t in times if t["fold"] is None]
    if not times:
        raise FileNotFoundError(f"{folder}: no times of a run of {network!r}")
    subjects = dataset.published_table()["subject"]
    runs = [files.read_json(folder / network / f"seed-{t['seed']}.json") for t in times]
    windows = [int(subjects.isin(run["trained_on"]).sum()) for run in runs]
    epochs = [run["epochs"]["chosen"] for run in runs]
    seconds = [
        time["refit_cpu"] / (n * k) for time, n, k in zip(times, windows, epochs, strict=True)
    ]
    return Pace(median(seconds), round(median(windows)), round(median(epochs)))


def course_hours(made: Course) -> float:
    """Return the core hours of all jobs of a course: measured ones, else what its profile says."""
    measured = _measured_lessons(made) | _measured_runs()
    seconds = (measured.get(job.name, 60 * job.minutes) for job in made.jobs)
    return sum(seconds) / 3600


def _measured_lessons(made: Course) -> dict[str, float]:
    """Return the seconds of lessons, but for those that train longer here than by themselves."""
    measured = files.read_json(files.REPOSITORY / "report" / "lesson_times.json")["seconds"]
    training = {name for name, lesson in made.contents.items() if "network" in lesson}
    return {name: seconds for name, seconds in measured.items() if name not in training}


def _measured_runs() -> dict[str, float]:
    """Return the seconds of each published run that met the test people: job → training."""
    times = files.read_json(results.published_folder() / "timing.json")
    final = [t for t in times if t["fold"] is None and t.get("refit_cpu")]
    return {
        results.Key.named(t["name"], seed=t["seed"]).stem.as_posix(): t["refit_cpu"] for t in final
    }


@dataclass(frozen=True)
class Undertaking:
    """So many jobs of one size.

    Attributes
    ----------
    what
        Its name.
    jobs
        How many jobs can run side by side.
    hours
        Core hours of one job.
    """

    what: str
    jobs: int
    hours: float

    def on(self, cores: int) -> float:
        """Return the hours it takes on some cores: a core does whole jobs, one after the other."""
        return math.ceil(self.jobs / cores) * self.hours


def undertakings() -> list[Undertaking]:
    """Return what the table tells of: how cost grows, then what much of it would cost."""
    best, dearest = pace(BEST), pace(DEAREST)
    train = dataset.published_table().query("split == 'train'")
    each = len(train) / train["subject"].nunique()
    once, report = best.hours(1), course_hours(course("report"))
    return [
        Undertaking(say("training", model=BEST, windows=best.windows), 1, once),
        Undertaking(say("twice"), 1, 2 * once),
        Undertaking(say("thirty_seeds"), 30, once),
        Undertaking(say("thirty_models"), 30 * 30, once),
        Undertaking(say("held_out", n_people=30), 30, best.hours(1, 29 * each)),
        Undertaking(say("held_out", n_people=135), 135, best.hours(1, 134 * each)),
        Undertaking(say("training", model=DEAREST, windows=dearest.windows), 1, dearest.hours(1)),
        Undertaking(say("report"), 1, report),
        Undertaking(say("class"), 1000, report),
        Undertaking(say("everything", model=BEST), 100 * 30 * 135, best.hours(1, 134 * each)),
    ]


def table() -> pd.DataFrame:
    """Return what undertakings cost on one, two and a thousand cores, as people read it."""
    rows = {
        one.what: {
            "jobs": words.grouped(one.jobs),
            "one core": said(one.on(1)),
            "two cores": said(one.on(2)),
            "1,000 cores": said(one.on(1000)),
        }
        for one in undertakings()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("what")


def said(hours: float) -> str:
    """Return a time span in the unit people would say it in, with two figures."""
    units = (("s", 1 / 3600), ("min", 1 / 60), ("h", 1.0), ("days", 24.0), ("years", 24 * 365.25))
    unit, size = next((u for u in reversed(units) if hours >= 1.5 * u[1]), units[0])
    value = hours / size
    digits = max(0, 1 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{round(value, digits):.{digits}f} {unit}"


def write() -> str:
    """Put the table into the document, where it has a place for it; return it as text."""
    found = table()
    file = files.REPOSITORY / DOCUMENT
    text = publication.put_between(file.read_text(encoding="utf-8"), MARKERS, found)
    files.write_text(file, text)
    return found.to_string()
