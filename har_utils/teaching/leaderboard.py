"""Who does best on the validation people: a table made from the answers that students hand in.

It is the validation people on purpose. The test people are asked once, by each project for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from har_utils import dataset, files, metrics, sentences
from har_utils.dataset import ACTIVITIES, Dataset
from har_utils.teaching import submissions

COLUMN = "activity"
"""The column of a file of answers: the name of an activity for each validation window."""

ANSWERS = "answers.csv"
"""How the name of a file of answers ends."""

TOO_GOOD = 99.9
"""From this accuracy on, in per cent, a teacher should look where the answers come from."""

say = sentences.beside(__file__)

PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; }}
div {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid #ccc; text-align: left; }}
</style></head><body><h1>{title}</h1><div>{table}</div>
<p>{about}</p>
</body></html>
"""


class AnswersError(ValueError):
    """A file of answers that cannot be scored; the message is one line."""


def validation(fold: int = 0) -> Dataset:
    """Return the windows that the answers are about: those of one fold's people."""
    train = dataset.load().train
    return train.take(dataset.subject_folds(train)[fold][1])


def write_answers(path: str | Path, probability: np.ndarray) -> None:
    """Write what a model says of the validation windows, to be handed in.

    Parameters
    ----------
    path
        The file, for example ``answers.csv``.
    probability
        ``(n, 6)``, or the codes ``(n,)`` of the activities, from 0; in the order of `validation`.

    Raises
    ------
    AnswersError
        If there are not as many as validation windows, or they are neither probabilities nor codes.
    """
    answers, n_activities = np.asarray(probability), len(ACTIVITIES)
    is_codes = answers.ndim == 1 and answers.dtype.kind in "iu"
    if not is_codes and answers.shape[1:] != (n_activities,):
        raise AnswersError(say("no_answers", shape=answers.shape, kind=answers.dtype))
    code = answers if is_codes else answers.argmax(axis=1)
    if is_codes and not ((code >= 0) & (code < n_activities)).all():
        raise AnswersError(say("no_codes", least=code.min(), most=code.max()))
    _require(len(code), len(validation()))
    names = pd.DataFrame({COLUMN: [ACTIVITIES[number] for number in code]})
    with files.atomic(path) as aside:
        names.to_csv(aside, index=False)


def read_answers(path: Path, n_windows: int) -> np.ndarray:
    """Return the codes that a file of answers holds.

    Raises
    ------
    AnswersError
        If it does not name an activity for each window.
    """
    try:
        names = pd.read_csv(path)[COLUMN]
    except (KeyError, ValueError, OSError):
        raise AnswersError(f"no column {COLUMN!r}") from None
    _require(len(names), n_windows)
    unknown = sorted(set(names.astype(str)) - set(ACTIVITIES))
    if unknown:
        raise AnswersError(f"{unknown[0]!r} is no activity")
    return np.array([ACTIVITIES.index(name) for name in names])


def _require(n_answers: int, n_windows: int) -> None:
    """Raise an error if there is not one answer for each window.

    Raises
    ------
    AnswersError
        If so.
    """
    if n_answers != n_windows:
        raise AnswersError(say("too_few_or_many", n_answers=n_answers, n_windows=n_windows))


def table(folder: Path, people: Dataset, besides: Path | None = None) -> pd.DataFrame:
    """Score every file of answers below a folder.

    Parameters
    ----------
    folder
        What was handed in: files whose name ends with ``answers.csv``, which a learning platform
        may begin with a student's name; a file is called after the folder it lies in. Other
        tables are listed and not scored.
    people
        Whose windows the answers are about.
    besides
        A table that is none of these, for it is made of them.

    Returns
    -------
    pandas.DataFrame
        Best first: name, accuracy, macro F1, accuracy for the worst person, in per cent; for
        files that are not scored, why; and whether a score is too good to be believed.

    Raises
    ------
    FileNotFoundError
        If there is no table.
    """
    handed_in = submissions.handed_in(folder, besides)
    found = [path for path in handed_in.values() if path.suffix.lower() == ".csv"]
    if not found:
        raise FileNotFoundError(f"{folder}: no file of answers ({ANSWERS}) is in it")
    rows = [_row(path, folder, people) for path in found]
    columns = ["accuracy", "macro F1", "worst person"]
    made = pd.DataFrame(rows, columns=["name", *columns, "remark"])
    made = made.astype(dict.fromkeys(columns, float))
    made = made.sort_values(["macro F1", "name"], ascending=[False, True], na_position="last")
    return made.reset_index(drop=True)


def _row(path: Path, folder: Path, people: Dataset) -> dict[str, object]:
    """Return what one file is worth."""
    place = path.relative_to(folder)
    name = place.parts[0] if len(place.parts) > 1 else path.stem
    if not path.name.endswith(ANSWERS):
        return {"name": name, "remark": say("other_name", file=path.name, ending=ANSWERS)}
    try:
        said = read_answers(path, len(people))
    except AnswersError as error:
        return {"name": name, "remark": str(error)}
    right = pd.Series(said == people.labels)
    accuracy = 100 * right.mean()
    return {
        "name": name,
        "accuracy": accuracy,
        "macro F1": 100 * float(metrics.macro_f1(metrics.confusion(people.labels, said))),
        "worst person": 100 * right.groupby(people.subjects).mean().min(),
        "remark": say("too_good") if accuracy >= TOO_GOOD else "",
    }


def write(folder: Path, output: Path) -> Sequence[Path]:
    """Write the leaderboard of a folder as CSV and as a page; return the files."""
    if output.is_dir():
        raise ValueError(f"{output}: a folder; name a file to write to")
    people = validation()
    as_csv, as_page = output.with_suffix(".csv"), output.with_suffix(".html")
    made = table(folder, people, as_csv)
    shown = made.set_axis(range(1, len(made) + 1))
    with files.atomic(as_csv) as aside:
        shown.to_csv(aside, index_label="place", float_format="%.2f")
    text = PAGE.format(
        title=say("title"),
        table=shown.to_html(border=0, na_rep="–", float_format="{:.2f}".format),
        about=say("about", n_windows=len(people), n_people=len(set(people.subjects.tolist()))),
    )
    files.write_text(as_page, text)
    return as_csv, as_page
