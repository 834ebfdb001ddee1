r"""From results to LaTeX: the report's numbers, sentences and tables; a strict look at its log.

Nothing in the report is typed by hand. ``write_generated`` turns the runs, the values the
notebooks left and the published numbers of others into ``numbers.tex``, whose macros the text
reads with ``\har{key}``, and into one file per table.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from har_utils import (
    candidates,
    claims,
    dataset,
    evaluation,
    features,
    files,
    models,
    recordings,
    results,
    signals,
)
from har_utils.claims.material import SCORES, Material, gather
from har_utils.files import write_text
from har_utils.recipe import MODERN
from har_utils.report.tabulars import tables
from har_utils.report.typesetting import interval, macros, millions
from har_utils.words import decimal, grouped, listing, percent, significant, word

BANNER = "SMOKE RUN: numbers mean nothing"
"""What stands on every page of a report made by profile ``smoke``."""

SOURCE_EPOCHS = 100
"""How long the source trained every network; it showed the test subjects while doing so."""


MADE_FROM = ("har_utils", "notebooks", "config", "report/sections", "report/report.tex")
"""What the report is made from besides data and published runs, as paths in the repository."""


# --- Numbers ------------------------------------------------------------------------------------


def numbers(material: Material) -> dict[str, str]:
    """Return every number and sentence of the text: key → plain text."""
    return {
        "profile": material.profile,
        "banner": banner(material.profile),
        **_title_page(),
        **_data_numbers(),
        **_protocol_numbers(material),
        **_model_numbers(material),
        **_value_numbers(material.values),
        "claims.count": str(len(claims.CLAIMS)),
        **{f"claim.{key}": text for key, text in claims.everything(material).items()},
    }


def banner(profile: str) -> str:
    """Return what stands on every page of a profile's report."""
    return BANNER if profile == "smoke" else ""


def _title_page() -> dict[str, str]:
    """Return what the first page says of the report itself."""
    cited = yaml.safe_load((files.REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    released = cited["date-released"]
    return {
        "paper.authors": listing(author["name"] for author in cited["authors"]),
        "paper.version": cited["version"],
        "paper.date": f"{released.day} {released:%B %Y}",
        "paper.licence": listing(cited["license"]),
        "paper.commit": last_commit(),
    }


def last_commit() -> str:
    """Return the short name of the last commit that changed what the report is made from.

    What `make publish` writes does not count, so a published report can name its own commit.
    Outside a git checkout, or before the first commit, it is "unknown".
    """
    command = ["git", "log", "-1", "--format=%h", "--abbrev=10", "--", *MADE_FROM]
    try:
        done = subprocess.run(command, cwd=files.REPOSITORY, capture_output=True, text=True)
    except OSError:  # no git on this machine
        return "unknown"
    return done.stdout.strip() or "unknown"


def _data_numbers() -> dict[str, str]:
    """Return what is known about the data without any run."""
    table = dataset.published_table()
    split = table["split"].value_counts()
    recorded = recordings.load()
    return {
        "data.n_windows": grouped(len(table)),
        "data.n_train": grouped(split["train"]),
        "data.n_test": grouped(split["test"]),
        "data.n_subjects": word(table["subject"].nunique()),
        "data.n_train_subjects": word(len(dataset.TRAIN_SUBJECTS)),
        "data.n_test_subjects": word(len(dataset.TEST_SUBJECTS)),
        "data.n_activities": word(len(dataset.ACTIVITIES)),
        "data.n_channels": word(len(dataset.CHANNELS)),
        "recordings.count": grouped(len(recorded)),
        "recordings.n_samples": grouped(sum(len(each.acceleration) for each in recorded)),
        "features.count": grouped(len(features.NAMES)),
        "features.n_unique": grouped(len(set(features.NAMES))),
        "features.n_copied": grouped(
            sum(name.startswith("tGravityAccMag") for name in features.NAMES)
        ),
        "signals.window": str(signals.WINDOW),
        "signals.window_seconds": f"{signals.WINDOW / signals.SAMPLING_RATE:g}",
        "signals.sampling_rate": f"{signals.SAMPLING_RATE:g}",
        "signals.median_size": word(signals.MEDIAN_SIZE),
        "signals.noise_cutoff": f"{signals.NOISE_CUTOFF:g}",
        "signals.noise_order": word(signals.NOISE_ORDER),
        "signals.gravity_cutoff": f"{signals.GRAVITY_CUTOFF:g}",
        "signals.gravity_order": word(signals.GRAVITY_ORDER),
        "signals.drift_cutoff": f"{signals.DRIFT_CUTOFF:g}",
        "signals.drift_order": word(signals.DRIFT_ORDER),
        "folds.count": word(len(dataset.FOLDS)),
        "folds.first_size": word(len(dataset.FOLDS[0])),
    }


def _protocol_numbers(material: Material) -> dict[str, str]:
    """Return what was done how often."""
    record = next(iter(material.runs.values()))[0].record
    seeds = {len(runs) for runs in material.network_runs.values()}
    source = max(models.PUBLISHED[name]["accuracy"] for name in models.NETWORKS)
    return {
        "compression.smallest": f"{models.SMALLEST:g}",
        "compression.gyro": f"{models.GYRO_PER_ACC:g}",
        "modern.rotation": f"{MODERN.rotation:g}",
        "ablation.epochs": str(candidates.read()[0].recipe.max_epochs),
        "data.digest_short": record["data"]["digest"][:12],
        "networks.count": word(len(models.NETWORKS)),
        "networks.seeds": " to ".join(word(count) for count in sorted({min(seeds), max(seeds)})),
        "bootstrap.resamples": grouped(evaluation.N_RESAMPLES),
        "bootstrap.level": percent(evaluation.LEVEL, 0),
        "source.best_accuracy": percent(source, 2),
        "source.epochs": str(SOURCE_EPOCHS),
        "times.runs": grouped(len(material.times)),
        "times.minutes": decimal(_all_minutes(material.times), 0),
    }


def _all_minutes(times: pd.DataFrame) -> float:
    """Return how many minutes all timed runs took together, one after the other."""
    return float(times.reindex(columns=results.PHASES).sum().sum() / 60)


def _model_numbers(material: Material) -> dict[str, str]:
    """Return the scores and sizes of every model and variant."""
    numbers: dict[str, str] = {}
    for name, row in material.summary.iterrows():
        shown = {"title": models.title(name)}
        for score in SCORES:
            shown[score] = percent(row[f"{score}_mean"])
            shown[f"{score}_sd"] = decimal(100 * row[f"{score}_sd"])
            shown[f"{score}_interval"] = interval(row, score)
        shown["negative_log_likelihood"] = decimal(row["negative_log_likelihood_mean"], 3)
        shown["ece"] = decimal(row["ece_mean"], 3)
        shown["n_parameters"] = grouped(row["n_parameters"])
        shown["multiply_adds"] = millions(row["multiply_adds"])
        published = models.PUBLISHED.get(name.partition("@")[0], {})
        shown["published_accuracy"] = percent(published.get("accuracy"), 2)
        numbers |= {f"{name}.{key}": text for key, text in shown.items()}
    return numbers


def _value_numbers(values: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return every value of every notebook, a fraction also as ``<key>.percent``."""
    numbers = {}
    for notebook, given in values.items():
        for key, value in given.items():
            name = f"{notebook}.{key}"
            if isinstance(value, float):
                numbers[f"{name}.percent"] = percent(value)
            numbers[name] = _shown_value(value)
    return numbers


def _shown_value(value: bool | int | float | str) -> str:
    """Return a value as text: whole numbers grouped, others to three digits."""
    if isinstance(value, bool | str):
        return str(value)
    return grouped(value) if isinstance(value, int) else significant(value)


# --- Writing and checking -----------------------------------------------------------------------


def write_generated(profile: str, folder: Path) -> list[Path]:
    """Write ``numbers.tex`` and the tables; the same results give the same bytes.

    Parameters
    ----------
    profile
        The profile whose results the report shows.
    folder
        Where the files go, for example ``build/report/report/generated``.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    FileNotFoundError
        If a model of the report has not been run.
    """
    material = gather(profile)
    texts = {"numbers": macros(numbers(material)), **tables(material)}
    paths = []
    for name, text in texts.items():
        paths.append(Path(folder) / f"{name}.tex")
        write_text(paths[-1], text)
    return paths
