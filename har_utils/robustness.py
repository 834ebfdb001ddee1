"""What a phone outside the laboratory would deliver instead, and how much of it models bear.

Every perturbation is a pure function of windows ``(n, samples, 9)`` with channels as in
``dataset.CHANNELS``. A phone measures the total acceleration and the angular velocity; the
body's acceleration is what is left of the former when gravity is taken away. So a perturbation
changes what is *measured*, and the body's acceleration follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline
from scipy.signal import resample_poly
from scipy.spatial.transform import Rotation
from scipy.special import softmax
from tqdm.auto import tqdm

from har_utils import dataset, features, metrics, models, results, training
from har_utils.augmentation import mirror, rotate
from har_utils.dataset import CHANNELS, Dataset
from har_utils.recordings import Recording
from har_utils.results import Key, Run
from har_utils.signals import SAMPLING_RATE

if TYPE_CHECKING:
    import keras
    from sklearn.pipeline import Pipeline

UNCHANGED = "unchanged"
"""Name, in the table of curves, of the windows as they are."""

TABLE = "robustness/curves"
"""Name of the table of curves among the results."""

HALF_TURN = np.diag([-1.0, -1.0, 1.0])
"""Rotation by 180° about z: the screen still looks outwards, what was up is down."""

Change = Callable[[np.ndarray], np.ndarray]
"""From ``(n, samples, 6)``, total acceleration and angular velocity, to the same shape."""

# --- What a phone measures ----------------------------------------------------------------------


def _check(windows: np.ndarray) -> None:
    """Raise ``ValueError`` unless these are windows of nine channels."""
    if windows.ndim != 3 or windows.shape[2] != len(CHANNELS):
        raise ValueError(f"windows must be (n, samples, 9), not {windows.shape}")


def _remeasured(windows: np.ndarray, change: Change) -> np.ndarray:
    """Change what the two sensors measure; gravity stays, the body's acceleration follows.

    Gravity is what a filter at 0.3 Hz leaves of the acceleration: over one window it hardly
    answers to noise or to a missing sample, so it is kept as it was.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    change
        What happens to the two sensors.
    """
    _check(windows)
    body, gyro, total = np.split(windows.astype(np.float64), 3, axis=2)
    gravity = total - body
    total, gyro = np.split(change(np.concatenate([total, gyro], axis=2)), 2, axis=2)
    return np.concatenate([total - gravity, gyro, total], axis=2).astype(windows.dtype)


# --- Another place on the body ------------------------------------------------------------------


def rotate_phone(windows: np.ndarray, degrees: float, generator: np.random.Generator) -> np.ndarray:
    """Turn the phone in its pouch by an angle, every window about an axis of its own.

    All three triples turn alike: acceleration and angular velocity are vectors in the phone's
    axes, and gravity, which only the total acceleration contains, turns with them. (The filters
    of the preprocessing treat the axes alike, so turning before or after them is the same; only
    the median filter is not quite so.)

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    degrees
        Angle.
    generator
        Draws one axis per window, every direction being as likely: an average over ways to turn.
    """
    _check(windows)
    axis = generator.standard_normal((len(windows), 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    return rotate(windows, Rotation.from_rotvec(np.deg2rad(degrees) * axis).as_matrix())


def turn_upside_down(windows: np.ndarray) -> np.ndarray:
    """Put the phone in upside down: half a turn about z, the axis out of its screen.

    Along x, which pointed up, gravity now has the other sign: a standing person seems to hang.
    """
    _check(windows)
    return rotate(windows, HALF_TURN)


def other_pocket(windows: np.ndarray) -> np.ndarray:
    """Wear the phone on the other side of the belt, the screen still outwards and x still up.

    A body is about the same in a mirror, so the movement of the other side is the mirror image
    of this one. In the phone's axes, wherever on the belt it sits, this mirrors y, the axis along
    the belt. Acceleration along y changes its sign. Angular velocity is different: the mirror
    image of a turning wheel turns the other way unless its axle is at right angles to the mirror.
    So the rates about x and z change their signs and the one about y does not. No rotation of
    the phone does this.
    """
    _check(windows)
    return mirror(windows)


# --- Poorer sensors -----------------------------------------------------------------------------


def add_noise(windows: np.ndarray, level: float, generator: np.random.Generator) -> np.ndarray:
    """Add white noise to what both sensors measure.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    level
        Standard deviation of the noise, as a share of the sensor's own: that of all values of
        body acceleration, or of angular velocity, in these windows.
    generator
        Source of the noise.
    """
    return _remeasured(windows, _noisy(windows, level, generator))


def _noisy(windows: np.ndarray, level: float, generator: np.random.Generator) -> Change:
    """Return a function that adds noise, measured by the spread of these windows."""
    spread = [windows[:, :, channels].std(dtype=np.float64) for channels in (slice(3), slice(3, 6))]
    scale = level * np.repeat(spread, 3)
    return lambda seen: seen + scale * generator.standard_normal(seen.shape)


def drop_samples(windows: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """Lose samples on the way; the last one that arrived is held.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    share
        Chance of every sample but a window's first to be lost, both sensors together. With the
        same generator state, what is lost at a small share is lost at a larger one, too.
    generator
        Decides which.
    """
    return _remeasured(windows, _losing(share, generator))


def _losing(share: float, generator: np.random.Generator) -> Change:
    """Return a function that loses samples of both sensors and holds the last that arrived."""

    def change(seen: np.ndarray) -> np.ndarray:
        arrived = generator.random(seen.shape[:2]) >= share
        places = np.where(arrived, np.arange(seen.shape[1]), 0)
        held = np.maximum.accumulate(places, axis=1)[:, :, np.newaxis]
        return np.take_along_axis(seen, held, axis=1)

    return change


def without_gyroscope(windows: np.ndarray) -> np.ndarray:
    """Take a phone that has no gyroscope: its three channels are zero."""
    _check(windows)
    changed = windows.copy()
    changed[:, :, 3:6] = 0
    return changed


# --- Another clock ------------------------------------------------------------------------------


def sample_slower(windows: np.ndarray, rate: float) -> np.ndarray:
    """Sample at a lower rate, then fill up to 50 Hz again, as the networks expect.

    Both ways with a filter that keeps what the lower rate can carry (below ``rate / 2``), so
    that nothing faster is folded into it.

    Parameters
    ----------
    windows
        ``(n, samples, 9)`` at 50 Hz.
    rate
        In Hz, for example 25.
    """
    return _remeasured(windows, _resampling(rate))


def _resampling(rate: float) -> Change:
    """Return a function that samples both sensors at a lower rate and fills up to 50 Hz again."""
    ratio = Fraction(rate / SAMPLING_RATE).limit_denominator(100)
    up, down = ratio.numerator, ratio.denominator

    def change(seen: np.ndarray) -> np.ndarray:
        slow = resample_poly(seen, up, down, axis=1, padtype="line")
        return resample_poly(slow, down, up, axis=1, padtype="line")[:, : seen.shape[1]]

    return change


def stretch_time(windows: np.ndarray, share: float) -> np.ndarray:
    """Let the phone's clock be wrong: its samples are further apart, or closer, than it says.

    Cubic splines read the signals between the samples. A window that covers more time needs a
    few samples beyond its ends; there the signal is mirrored, which makes neither a jump nor a
    rest. A gyroscope measures the speed of turning itself, so its values stay as they are.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    share
        0.05: five per cent further apart, so everybody seems to move five per cent faster.
    """
    _check(windows)
    samples = windows.shape[1]
    centre = (samples - 1) / 2
    margin = int(np.ceil(centre * abs(share))) + 1
    longer = np.pad(windows, ((0, 0), (margin, margin), (0, 0)), mode="reflect")
    times = centre + (1 + share) * (np.arange(samples) - centre)
    signal = CubicSpline(np.arange(longer.shape[1]) - margin, longer, axis=1)
    return signal(times).astype(windows.dtype)


def shorten(windows: np.ndarray, samples: int) -> np.ndarray:
    """Decide earlier: only the first samples of a window are there, repeated until it is full.

    Zeros in the place of the rest would be a phone in free fall, and holding the last value a
    person who freezes. Repeating keeps posture, strength, rhythm and the direction of time; its
    price is a jump at every seam.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    samples
        How many there are; 64 are 1.28 s.
    """
    _check(windows)
    return windows[:, np.arange(windows.shape[1]) % int(samples)]


# --- All of them --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Perturbation:
    """One way in which windows may come out differently.

    Attributes
    ----------
    title
        What it is called in figures.
    unit
        What its levels measure; empty where there is nothing to measure.
    levels
        From harmless to severe.
    change
        Function of windows, level and a random generator.
    none
        The level that changes nothing.
    """

    title: str
    unit: str
    levels: tuple[float, ...]
    change: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
    none: float = 0

    @property
    def order(self) -> list[float]:
        """The levels and, where it belongs among them, the one that changes nothing."""
        if min(self.levels) < self.none < max(self.levels):
            return sorted([self.none, *self.levels])
        return [self.none, *self.levels]


PERTURBATIONS = {
    "rotated": Perturbation("phone rotated", "degrees", (5, 15, 30, 45, 60, 90), rotate_phone),
    "noise": Perturbation(
        "sensor noise",
        "% of sensor's sd",
        (10, 20, 50, 100, 200),
        lambda windows, level, draw: add_noise(windows, level / 100, draw),
    ),
    "dropped": Perturbation(
        "dropped samples",
        "%",
        (10, 25, 50, 75),
        lambda windows, level, draw: drop_samples(windows, level / 100, draw),
    ),
    "sampling": Perturbation(
        "slower sampling",
        "Hz",
        (25, 20, 10),
        lambda windows, level, _: sample_slower(windows, level),
        SAMPLING_RATE,
    ),
    "clock": Perturbation(
        "clock drift",
        "%",
        (-10, -5, -1, 1, 5, 10),
        lambda windows, level, _: stretch_time(windows, level / 100),
    ),
    "shorter": Perturbation(
        "shorter windows",
        "samples",
        (96, 64, 32),
        lambda windows, level, _: shorten(windows, level),
        128,
    ),
    "upside_down": Perturbation(
        "upside down", "", (1,), lambda windows, *_: turn_upside_down(windows)
    ),
    "other_pocket": Perturbation(
        "other pocket", "", (1,), lambda windows, *_: other_pocket(windows)
    ),
    "no_gyroscope": Perturbation(
        "no gyroscope", "", (1,), lambda windows, *_: without_gyroscope(windows)
    ),
}
"""Name → perturbation; the order of figures and tables, and part of the random seed."""


def perturb(windows: np.ndarray, name: str, level: float, seed: int = 0) -> np.ndarray:
    """Return windows as they would have come out.

    Parameters
    ----------
    windows
        ``(n, samples, 9)`` at 50 Hz; not changed.
    name
        One of ``PERTURBATIONS``.
    level
        How much, in its unit.
    seed
        The same seed draws the same at every level: a larger angle about the same axes, more
        noise of the same shape.

    Returns
    -------
    ndarray
        As ``windows``, in the same type.

    Raises
    ------
    ValueError
        If there is no such perturbation, or the windows have not nine channels.
    """
    if name not in PERTURBATIONS:
        raise ValueError(f"no perturbation is called {name!r}: there are {list(PERTURBATIONS)}")
    return PERTURBATIONS[name].change(windows, level, _generator(name, seed))


def _generator(name: str, seed: int) -> np.random.Generator:
    """Return the source of a perturbation's random numbers."""
    return np.random.default_rng([seed, list(PERTURBATIONS).index(name)])


OF_SENSORS: dict[str, Callable[[np.ndarray, float, np.random.Generator], Change]] = {
    "noise": lambda windows, level, draw: _noisy(windows, level / 100, draw),
    "dropped": lambda _, level, draw: _losing(level / 100, draw),
    "sampling": lambda _, level, __: _resampling(level),
}
"""The perturbations that happen in a phone before anything is filtered, and how."""

Alter = Callable[[np.ndarray, str, float, int], np.ndarray]
"""From windows, the name of a perturbation, its level and a seed to altered windows."""


def as_recorded(sample: Dataset) -> Alter:
    """Return what alters these windows as a phone would: what its sensors do, before the filters.

    Parameters
    ----------
    sample
        The windows that will be altered, all of them, in any precision.

    Returns
    -------
    callable
        `perturb`, but for what is `OF_SENSORS` `before_filters`.
    """

    def alter(windows: np.ndarray, name: str, level: float, seed: int = 0) -> np.ndarray:
        if name in OF_SENSORS:
            return before_filters(sample, name, level, seed).astype(windows.dtype)
        return perturb(windows, name, level, seed)

    return alter


def before_filters(sample: Dataset, name: str, level: float, seed: int = 0) -> np.ndarray:
    """Return windows of recordings whose sensors were at fault before anything was filtered.

    `perturb` alters windows, which are filtered already. In a phone the sensors come first: the
    median filter and the low pass at 20 Hz see what is wrong with them, and mend part of it.

    Parameters
    ----------
    sample
        The windows to cut; the strength of the noise is measured by them, as in `perturb`.
    name
        One of `OF_SENSORS`.
    level, seed
        As for `perturb`.

    Returns
    -------
    ndarray
        ``(n, 128, 9)`` float64.

    Raises
    ------
    ValueError
        If it does not happen in the sensors.
    """
    if name not in OF_SENSORS:
        raise ValueError(f"{name!r} is not put into a recording: only {', '.join(OF_SENSORS)}")
    change = OF_SENSORS[name](sample.windows, level, _generator(name, seed))

    def worse(recording: Recording) -> Recording:
        sensed = np.hstack([recording.acceleration, recording.rotation])
        acceleration, rotation = np.split(change(sensed[np.newaxis])[0], 2, axis=1)
        return replace(recording, acceleration=acceleration, rotation=rotation)

    return dataset.exact_windows(sample.table, worse)


# --- Curves -------------------------------------------------------------------------------------

Predict = Callable[[np.ndarray], np.ndarray]
"""From windows ``(n, samples, 9)`` to probabilities ``(n, n_classes)``."""


def curves(
    predictors: Mapping[tuple[str, int], Predict],
    windows: np.ndarray,
    labels: np.ndarray,
    subjects: np.ndarray,
    names: Iterable[str] = tuple(PERTURBATIONS),
    seed: int = 0,
    alter: Alter = perturb,
) -> pd.DataFrame:
    """Score models on the same perturbed windows, every perturbation at all its levels.

    Parameters
    ----------
    predictors
        (model, seed) → function that predicts.
    windows
        ``(n, samples, 9)``.
    labels
        ``(n,)`` codes from 0.
    subjects
        ``(n,)`` whose window it is.
    names
        Which of ``PERTURBATIONS``.
    seed
        Of the perturbations.
    alter
        What alters the windows: `perturb`, or what `as_recorded` returns.

    Returns
    -------
    DataFrame
        Columns ``model``, ``seed``, ``perturbation`` (``UNCHANGED`` first), ``level``,
        ``accuracy``, ``macro_f1`` and ``lowest``, the accuracy for the person it is worst for.
    """
    conditions = [(name, level) for name in names for level in PERTURBATIONS[name].levels]
    rows = _scores(predictors, windows, labels, subjects, (UNCHANGED, 0))
    for name, level in tqdm(conditions, disable=not training.is_live()):
        changed = alter(windows, name, level, seed)
        rows += _scores(predictors, changed, labels, subjects, (name, level))
    columns = ["model", "seed", "perturbation", "level", "accuracy", "macro_f1", "lowest"]
    return pd.DataFrame(rows, columns=columns)


def _scores(
    predictors: Mapping[tuple[str, int], Predict],
    windows: np.ndarray,
    labels: np.ndarray,
    subjects: np.ndarray,
    condition: tuple[str, float],
) -> list[tuple]:
    """Return a row of the curves for every model, under one condition."""
    rows = []
    for model, predict in predictors.items():
        probability = predict(windows)
        scores = metrics.score(labels, probability, subjects, probability.shape[1])
        lowest = min(scores["per_subject"].values())
        rows.append((*model, *condition, scores["accuracy"], scores["macro_f1"], lowest))
    return rows


def sides(networks: Mapping[tuple[str, int], Predict], sample: Dataset) -> pd.DataFrame:
    """Score every recording as it is and in the mirror, to see on which side the phone was worn.

    Parameters
    ----------
    networks
        (model, seed) → function that predicts; at least one.
    sample
        Windows of a few recordings.

    Returns
    -------
    DataFrame
        Index: subject and recording; ``as_worn`` and ``mirrored``: accuracy, mean over networks.
    """
    keys = [sample.subjects, sample.table["recording"].to_numpy()]
    answer = list(networks.values())
    versions = {"as_worn": sample.windows, "mirrored": other_pocket(sample.windows)}
    right = {
        version: np.mean([predict(w).argmax(axis=1) == sample.labels for predict in answer], axis=0)
        for version, w in versions.items()
    }
    return pd.DataFrame(right).groupby(keys).mean().rename_axis(["subject", "recording"])


# --- Models on features -------------------------------------------------------------------------


def window_features(windows: np.ndarray) -> np.ndarray:
    """Compute the 561 features of windows that are not cut out of a recording.

    They are as in ``Dataset.features``, but for two things. The jerk of a window's last sample
    needs the one after it, which is not there: that of the sample before is repeated. And a feature
    that divides by something that does not change, like the correlation of a silent gyroscope's
    axes, counts as zero.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.

    Returns
    -------
    ndarray
        ``(n, 561)`` float64, unscaled.
    """
    _check(windows)
    body, gyro, total = np.split(windows.astype(np.float64), 3, axis=2)
    body_jerk, gyro_jerk = (
        np.pad(np.diff(signal, axis=1), ((0, 0), (0, 1), (0, 0)), mode="edge")
        for signal in (body, gyro)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        values = features.extract(body, total - body, body_jerk, gyro, gyro_jerk)
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def on_features(fitted: Mapping[str, Pipeline]) -> dict[tuple[str, int], Predict]:
    """Let classical models predict windows, by the windows' features.

    Parameters
    ----------
    fitted
        Name → model, fitted on features.

    Returns
    -------
    dict
        (name, 0) → function that predicts. All share the features of the windows they were asked
        about last, so that these are computed once.
    """
    last: dict[str, np.ndarray] = {}

    def predict(model: Pipeline, windows: np.ndarray) -> np.ndarray:
        if last.get("windows") is not windows:
            last.update(windows=windows, features=window_features(windows))
        if hasattr(model, "predict_proba"):
            return model.predict_proba(last["features"])
        return softmax(model.decision_function(last["features"]), axis=1)

    return {(name, 0): partial(predict, model) for name, model in fitted.items()}


# --- Trained networks ---------------------------------------------------------------------------


def published_models() -> Path:
    """Return the folder of the published networks: ``report/models``."""
    return results.REPOSITORY / "report" / "models"


def weights_file(run: Run) -> Path | None:
    """Return the file that holds a final run's weights, or None if there is none.

    They lie beside the run. Of a published run, or one that was read from there instead of being
    repeated, ``report/models/<name>.keras`` may be the network, if it is of seed 0.
    """
    beside = results.run_file(run.folder, run.key, ".keras")
    if beside.exists():
        return beside
    network = published_models() / f"{run.key.name}.keras"
    if run.key.seed or not network.exists():
        return None
    return network if _is_published(run) else None


def _is_published(run: Run) -> bool:
    """Return whether a run is among the published ones, or was made in the same way as one."""
    folder = results.published_folder()
    if run.folder == folder:
        return True
    try:
        return results.read_run(folder, run.key).record["digest"] == run.record["digest"]
    except FileNotFoundError:
        return False


def load_networks(
    runs: Iterable[Run], sample: Dataset, profile: str
) -> dict[tuple[str, int], Predict]:
    """Load the networks of final runs, and make sure that they are the ones that gave the runs.

    Parameters
    ----------
    runs
        Final runs; those without weights are left out.
    sample
        Some windows of test subjects, all of which the runs predict. Every network predicts them
        once, which is recorded as a look at the test subjects.
    profile
        Whose build keeps that record.

    Returns
    -------
    dict
        (model, seed) → function that predicts.

    Raises
    ------
    ValueError
        If a network does not give its run's predictions.
    """
    files = {(run.key.name, run.key.seed): (run, weights_file(run)) for run in runs}
    return {
        key: partial(training.predict, _checked(file, run, sample, profile))
        for key, (run, file) in files.items()
        if file is not None
    }


def _checked(file: Path, run: Run, sample: Dataset, profile: str) -> keras.Model:
    """Return the network of a file that predicts what its run says."""
    model = models.prepare().models.load_model(file)
    look = Key(run.key.name, "robustness", seed=run.key.seed)
    probability = training.predict_test(model, sample, profile, look)
    expected = run.probability[np.searchsorted(run.row, sample.rows)]
    if not np.allclose(probability, expected, atol=0.01):
        raise ValueError(
            f"{results.shown(file)} does not give the predictions of {run.key.stem}: train "
            f"{run.key.name} again"
        )
    return model


# --- Curves in words and tables -----------------------------------------------------------------


def mean_curves(table: pd.DataFrame) -> pd.DataFrame:
    """Average curves over the seeds, and let each start from the windows as they are.

    Parameters
    ----------
    table
        As ``curves`` returns it.

    Returns
    -------
    DataFrame
        Columns ``model``, ``perturbation``, ``level``, ``accuracy``, ``macro_f1``, ``lowest``;
        every perturbation has also the level that changes nothing. Models stay in their order.
    """
    scores = ["accuracy", "macro_f1", "lowest"]
    parts = [table[table["perturbation"] != UNCHANGED]]
    unchanged = table[table["perturbation"] == UNCHANGED]
    for name in parts[0]["perturbation"].unique():
        none = PERTURBATIONS[name].none
        parts.append(unchanged.assign(perturbation=name, level=none))
    keys = ["model", "perturbation", "level"]
    return pd.concat(parts).groupby(keys, sort=False)[scores].mean().reset_index()


def losses(table: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy that every condition costs every model, mean over seeds.

    Parameters
    ----------
    table
        As ``curves`` returns it.

    Returns
    -------
    DataFrame
        Index: perturbation and level, in their order; a column per model; fractions.
    """
    keys = ["perturbation", "level"]
    order = pd.MultiIndex.from_frame(table[keys].drop_duplicates())
    mean = table.pivot_table(index=keys, columns="model", values="accuracy").reindex(order)
    mean = mean[table["model"].drop_duplicates()]
    unchanged = mean.xs(UNCHANGED, level="perturbation").iloc[0]
    return (unchanged - mean).drop(index=UNCHANGED, level="perturbation")


def with_published(table: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Add the published curves of models that have none here, and say of which.

    Parameters
    ----------
    table
        As ``curves`` returns it.
    names
        Models wanted.
    """
    published = results.read_table(results.published_folder(), TABLE)
    missing = [name for name in names if name not in set(table["model"])]
    if published is None or not missing:
        return table
    added = published[published["model"].isin(missing)]
    if len(added):
        print("Published curves, their weights not being here:", *added["model"].unique())
    return pd.concat([table, added], ignore_index=True)


def costliest(lost: pd.DataFrame, perturbations: Iterable[str] = tuple(PERTURBATIONS)) -> str:
    """Say, for each model, which condition costs it most accuracy.

    Parameters
    ----------
    lost
        What ``losses`` returns.
    perturbations
        Those to look at.
    """
    looked = lost[lost.index.get_level_values("perturbation").isin(list(perturbations))]
    said = [
        f"- {models.title(name)}: {_condition(*looked[name].idxmax())} costs it "
        f"**{100 * looked[name].max():.0f} points**"
        for name in looked
    ]
    return "\n".join(said)


def _condition(name: str, level: float) -> str:
    """Return a perturbation and its level in words."""
    perturbation = PERTURBATIONS[name]
    return f"*{perturbation.title}*" + (
        f" ({level:g} {perturbation.unit})" if perturbation.unit else ""
    )


def harmless(lost: pd.DataFrame, points: float = 0.01) -> str:
    """Say which perturbations cost no model more than a little, whatever their level.

    Parameters
    ----------
    lost
        What ``losses`` returns.
    points
        What counts as a little, a fraction.
    """
    worst = lost.groupby(level="perturbation", sort=False).max().max(axis=1)
    names = [PERTURBATIONS[name].title for name in worst.index[worst <= points]]
    limit = f"{100 * points:g} point" + ("" if points == 0.01 else "s")
    if not names:
        return f"At its most severe level, every perturbation costs some model more than {limit}."
    return f"No level of these costs any model more than {limit}: {', '.join(names)}."
