"""Random convolutions: kernels nobody trains, and a linear classifier that weighs what they see.

Three transforms turn windows into features. `MiniRocket` asks of each kernel in what share of the
window it answers above a bias. `MultiRocket` asks three things more, also of the changes from
sample to sample. `Hydra` lets the kernels of a group compete at every sample and counts who wins.
`build` puts a ridge classifier behind them.

Sources: Dempster, Schmidt and Webb 2021, "MiniRocket" (doi 10.1145/3447548.3467231); Tan et al.
2022, "MultiRocket" (doi 10.1007/s10618-022-00844-1); Dempster, Schmidt and Webb 2023, "Hydra" (doi
10.1007/s10618-023-00939-3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, cycle, islice

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from har_utils.models.ridge import LeaveOneOutRidge

LENGTH = 9
"""How many samples a kernel looks at."""

KERNELS = tuple(combinations(range(LENGTH), 3))
"""Where each of the 84 kernels weighs a sample by 2; the other six samples it weighs by -1."""

GOLDEN = (1 + 5**0.5) / 2
"""Multiples of it, without what is before the point, spread evenly over 0 to 1."""

MAX_DILATIONS = 32
"""The most dilations a kernel is used with."""

CHUNK = 2048
"""Windows convolved at a time, so that they fit into the processor's cache."""


# --- Kernels ------------------------------------------------------------------------------------


def dilations(n_samples: int, n_biases: int) -> dict[int, int]:
    """Return the dilations of a kernel, and with how many biases it is used in each.

    Parameters
    ----------
    n_samples
        Length of the windows; at least `LENGTH`.
    n_biases
        How many biases there are for a kernel.

    Returns
    -------
    dict
        Dilation → number of biases, which add up to ``n_biases``. Dilations grow in equal steps
        of their logarithm until the kernel spans the window.

    Raises
    ------
    ValueError
        If a window is shorter than a kernel.
    """
    if n_samples < LENGTH:
        raise ValueError(f"a window of {n_samples} samples is shorter than a kernel ({LENGTH})")
    n_steps = min(n_biases, MAX_DILATIONS)
    largest = np.log2((n_samples - 1) / (LENGTH - 1))
    steps = np.logspace(0, largest, n_steps, base=2).astype(int)
    found, times = np.unique(steps, return_counts=True)
    counts = dict(zip(found.tolist(), (times * n_biases // n_steps).tolist(), strict=True))
    for dilation in islice(cycle(counts), n_biases - sum(counts.values())):
        counts[dilation] += 1
    return counts


def shifted(series: np.ndarray, dilation: int) -> list[np.ndarray]:
    """Return what each of a kernel's nine weights meets; beyond both ends, zeros.

    Parameters
    ----------
    series
        ``(n_samples, n_windows)``: time first, so that windows lie side by side in memory.
    dilation
        Samples from one weight to the next.

    Returns
    -------
    list of ndarray
        Nine, each ``(n_samples, n_windows)``; the fifth is the series itself.
    """
    margin = LENGTH // 2 * dilation
    padded = np.pad(series, ((margin, margin), (0, 0)))
    starts = range(0, LENGTH * dilation, dilation)
    return [padded[start : start + len(series)] for start in starts]


def convolve(series: np.ndarray, twos: Sequence[int], dilation: int) -> np.ndarray:
    """Convolve series with a kernel of MiniRocket.

    Parameters
    ----------
    series
        ``(n_samples, n_windows)``.
    twos
        The three of the nine places where the weight is 2; the others have -1.
    dilation
        As in ``shifted``.

    Returns
    -------
    ndarray
        ``(n_samples, n_windows)``.
    """
    met = shifted(series, dilation)
    first, second, third = (met[place] for place in twos)
    return 3 * (first + second + third) - sum(met[1:], start=met[0])


@dataclass(frozen=True)
class Convolution:
    """One kernel in one dilation, on the sum of some channels, with its biases.

    Attributes
    ----------
    twos
        One of `KERNELS`.
    dilation
        Samples from one weight to the next.
    channels
        The channels that are added up before.
    padded
        Whether samples near the ends count, where the kernel reaches beyond them.
    biases
        ``(n_biases,)``: what the answer is compared with.
    """

    twos: tuple[int, ...]
    dilation: int
    channels: np.ndarray
    padded: bool
    biases: np.ndarray

    def answer(self, channels_first: np.ndarray) -> np.ndarray:
        """Return the kernel's answer, ``(n_counted, n_windows)``.

        Parameters
        ----------
        channels_first
            ``(n_channels, n_samples, n_windows)``.
        """
        series = channels_first[self.channels].sum(axis=0)
        answer = convolve(series, self.twos, self.dilation)
        margin = LENGTH // 2 * self.dilation
        return answer if self.padded else answer[margin:-margin]


def draw(windows: np.ndarray, n_kernels: int, random: np.random.Generator) -> list[Convolution]:
    """Draw channels and biases; kernels and dilations are the same for every seed.

    The biases are quantiles of the kernel's answer to one random window, so that every bias is a
    number the answer does cross.

    Parameters
    ----------
    windows
        ``(n, n_samples, n_channels)``: training windows.
    n_kernels
        How many biases there are in all, rounded down to a multiple of 84, but 84 at least.
    random
        Draws.
    """
    _, n_samples, n_channels = windows.shape
    per_kernel = max(1, n_kernels // len(KERNELS))
    quantiles = (GOLDEN * np.arange(1, len(KERNELS) * per_kernel + 1) % 1).astype(np.float32)
    found, used = [], 0
    for step, (dilation, n_biases) in enumerate(dilations(n_samples, per_kernel).items()):
        for number, twos in enumerate(KERNELS):
            channels = _some_channels(n_channels, random)
            series = windows[random.integers(len(windows))][:, channels].sum(axis=1, keepdims=True)
            levels = quantiles[used : used + n_biases]
            biases = np.quantile(convolve(series, twos, dilation), levels).astype(np.float32)
            padded = (step + number) % 2 == 0
            found.append(Convolution(twos, dilation, channels, padded, biases))
            used += n_biases
    return found


def _some_channels(n_channels: int, random: np.random.Generator) -> np.ndarray:
    """Draw some channels, few more often than many."""
    most = np.log2(min(n_channels, LENGTH) + 1)
    return random.choice(n_channels, int(2 ** random.uniform(0, most)), replace=False)


# --- What is asked of an answer -----------------------------------------------------------------


def share_positive(answer: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Return the proportion of positive values: in what share of the samples an answer is above.

    Parameters
    ----------
    answer
        ``(n_samples, n_windows)``.
    biases
        ``(n_biases,)``: what it is compared with.

    Returns
    -------
    ndarray
        ``(n_biases, n_windows)``, 0 to 1.
    """
    above = answer > biases[:, None, None]
    return above.sum(axis=1, dtype=np.int16) / len(answer)


def four_questions(answer: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Return in what share of the samples an answer is above, how far, where, and how long.

    Parameters
    ----------
    answer, biases
        As in ``share_positive``.

    Returns
    -------
    ndarray
        ``(n_biases, 4, n_windows)``: the share; how far the answer is above, on average over those
        samples, 0 without any; the mean of their positions, -1 without any; the longest run.
    """
    above = answer > biases[:, None, None]
    weight = above.astype(np.float32)
    time = np.arange(len(answer), dtype=np.float32)
    count, position = np.moveaxis(np.stack([np.ones_like(time), time]) @ weight, 1, 0)
    total = np.einsum("tn,btn->bn", answer, weight)
    some = np.maximum(count, 1)
    height = np.where(count > 0, total / some - biases[:, None], 0)
    place = np.where(count > 0, position / some, -1)
    return np.stack([count / len(answer), height, place, longest_run(above)], axis=1)


def longest_run(above: np.ndarray) -> np.ndarray:
    """Return the length of the longest run of true values along the samples.

    Parameters
    ----------
    above
        ``(n_biases, n_samples, n_windows)`` bool.

    Returns
    -------
    ndarray
        ``(n_biases, n_windows)``.
    """
    run = longest = np.zeros((len(above), above.shape[2]), np.int16)
    for now in np.moveaxis(above, 1, 0):
        run = (run + 1) * now
        longest = np.maximum(longest, run)
    return longest


def _chunks(windows: np.ndarray) -> Iterator[np.ndarray]:
    """Give windows some at a time, channels first and windows last."""
    for start in range(0, len(windows), CHUNK):
        yield np.ascontiguousarray(windows[start : start + CHUNK].transpose(2, 1, 0), np.float32)


def asked(
    windows: np.ndarray,
    kernels: Sequence[Convolution],
    question: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    """Return what a question finds in every kernel's answer to every window.

    Parameters
    ----------
    windows
        ``(n, n_samples, n_channels)``.
    kernels
        As ``draw`` gives them.
    question
        ``share_positive``, ``four_questions``, or another one.

    Returns
    -------
    ndarray
        ``(n, n_features)`` float32: for every kernel its biases one after the other, for every
        bias what the question gives.
    """
    parts = []
    for some in _chunks(windows):
        found = [question(kernel.answer(some), kernel.biases) for kernel in kernels]
        rows = [each.reshape(-1, some.shape[-1]) for each in found]
        parts.append(np.concatenate(rows, dtype=np.float32).T)
    return np.concatenate(parts)


# --- Transforms ---------------------------------------------------------------------------------


class MiniRocket(TransformerMixin, BaseEstimator):
    """Shares of positive values of many kernels.

    Parameters
    ----------
    n_kernels
        About so many features.
    seed
        Of channels and of the windows that give the biases.
    """

    def __init__(self, n_kernels: int = 10_000, seed: int = 0) -> None:
        self.n_kernels = n_kernels
        self.seed = seed

    def fit(self, windows: np.ndarray, labels: np.ndarray | None = None) -> MiniRocket:
        """Draw the kernels; labels play no part."""
        self.kernels_ = draw(windows, self.n_kernels, np.random.default_rng(self.seed))
        return self

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return ``(n, n_features)`` float32."""
        return asked(windows, self.kernels_, share_positive)


class MultiRocket(TransformerMixin, BaseEstimator):
    """Four questions about the answers of many kernels to windows and to their changes.

    Parameters
    ----------
    n_kernels
        About so many biases for the windows, and as many for the changes from sample to sample.
    seed
        As in `MiniRocket`.
    """

    def __init__(self, n_kernels: int = 6250, seed: int = 0) -> None:
        self.n_kernels = n_kernels
        self.seed = seed

    def fit(self, windows: np.ndarray, labels: np.ndarray | None = None) -> MultiRocket:
        """Draw the kernels; labels play no part."""
        random = np.random.default_rng(self.seed)
        self.kernels_ = draw(windows, self.n_kernels, random)
        self.of_changes_ = draw(np.diff(windows, axis=1), self.n_kernels, random)
        return self

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return ``(n, n_features)`` float32."""
        of_windows = asked(windows, self.kernels_, four_questions)
        of_changes = asked(np.diff(windows, axis=1), self.of_changes_, four_questions)
        return np.concatenate([of_windows, of_changes], axis=1)


@dataclass(frozen=True)
class Contest:
    """A group of kernels that compete at every sample.

    Attributes
    ----------
    weights
        ``(n_kernels, 9)``.
    dilation
        Samples from one weight to the next.
    channels
        The channels that are added up before; one may come twice.
    of_changes
        Whether they look at the changes from sample to sample.
    """

    weights: np.ndarray
    dilation: int
    channels: np.ndarray
    of_changes: bool

    def results(self, channels_first: np.ndarray) -> np.ndarray:
        """Return what each kernel has won.

        Parameters
        ----------
        channels_first
            ``(n_channels, n_samples, n_windows)``.

        Returns
        -------
        ndarray
            ``(2 n_kernels, n_windows)``: the sum of a kernel's answers where they are the largest;
            then the number of samples where they are the smallest.
        """
        series = channels_first[self.channels].sum(axis=0)
        met = shifted(np.diff(series, axis=0) if self.of_changes else series, self.dilation)
        answers = np.tensordot(self.weights, np.stack(met), axes=1)
        won = np.where(answers == answers.max(axis=0), answers, 0).sum(axis=1)
        lost = (answers == answers.min(axis=0)).sum(axis=1, dtype=np.int16)
        return np.concatenate([won, lost])


class Hydra(TransformerMixin, BaseEstimator):
    """Who wins among groups of competing kernels, whose weights are random numbers.

    Parameters
    ----------
    n_groups
        Per dilation; every other one looks at the changes.
    n_kernels
        In a group.
    seed
        Of weights and channels.
    """

    def __init__(self, n_groups: int = 64, n_kernels: int = 8, seed: int = 0) -> None:
        self.n_groups = n_groups
        self.n_kernels = n_kernels
        self.seed = seed

    def fit(self, windows: np.ndarray, labels: np.ndarray | None = None) -> Hydra:
        """Draw the kernels; neither windows nor labels play a part, only the windows' shape."""
        _, n_samples, n_channels = windows.shape
        random = np.random.default_rng(self.seed)
        n_added = int(np.clip(n_channels // 2, 2, 8)) if n_channels > 1 else 1
        n_doublings = int(np.log2((n_samples - 1) / (LENGTH - 1))) + 1
        self.contests_ = [
            Contest(
                weights=_random_weights(self.n_kernels, random),
                dilation=2**doublings,
                channels=random.integers(n_channels, size=n_added),
                of_changes=group % 2 == 1,
            )
            for doublings in range(n_doublings)
            for group in range(self.n_groups)
        ]
        return self

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return ``(n, n_features)`` float32."""
        parts = []
        for some in _chunks(windows):
            won = [contest.results(some) for contest in self.contests_]
            parts.append(np.concatenate(won, dtype=np.float32).T)
        return np.concatenate(parts)


def _random_weights(n_kernels: int, random: np.random.Generator) -> np.ndarray:
    """Draw kernels whose weights add up to 0 and whose sizes add up to 1, ``(n_kernels, 9)``."""
    weights = random.normal(size=(n_kernels, LENGTH))
    weights -= weights.mean(axis=1, keepdims=True)
    return (weights / np.abs(weights).sum(axis=1, keepdims=True)).astype(np.float32)


class SparseScaler(TransformerMixin, BaseEstimator):
    """Brings Hydra's counts to one size: their roots, standardised, but a 0 stays 0.

    A count that is nearly always 0 has a tiny spread; what it is divided by grows with the share
    of zeros.
    """

    def fit(self, counts: np.ndarray, labels: np.ndarray | None = None) -> SparseScaler:
        """Find the mean and the spread of each column."""
        roots = np.sqrt(np.maximum(counts, 0))
        self.mean_ = roots.mean(axis=0)
        self.scale_ = roots.std(axis=0, ddof=1) + np.mean(roots == 0, axis=0) ** 4 + 1e-8
        return self

    def transform(self, counts: np.ndarray) -> np.ndarray:
        """Return the scaled counts, same shape, float32."""
        roots = np.sqrt(np.maximum(counts, 0))
        return np.where(roots == 0, 0, (roots - self.mean_) / self.scale_).astype(np.float32)


# --- Models -------------------------------------------------------------------------------------


def minirocket(seed: int, n_kernels: int) -> Pipeline:
    """Return MiniRocket with its classifier.

    Parameters
    ----------
    seed
        Of everything that is drawn.
    n_kernels
        About so many features.
    """
    return make_pipeline(MiniRocket(n_kernels, seed), StandardScaler(), LeaveOneOutRidge())


def multirocket_hydra(seed: int, n_kernels: int) -> Pipeline:
    """Return MultiRocket and Hydra side by side, with their classifier.

    Parameters
    ----------
    seed
        Of everything that is drawn.
    n_kernels
        Of MultiRocket: eight features of each. Hydra has one group for about a hundred of them.
    """
    hydra = make_pipeline(Hydra(max(2, round(n_kernels / 6250 * 64)), seed=seed), SparseScaler())
    multirocket = make_pipeline(MultiRocket(n_kernels, seed), StandardScaler())
    return make_pipeline(make_union(hydra, multirocket), LeaveOneOutRidge())


BUILDERS: dict[str, Callable[[int, int], Pipeline]] = {
    "minirocket": minirocket,
    "multirocket_hydra": multirocket_hydra,
}
"""Name → function that builds the model with a seed and a number of kernels."""

N_KERNELS = {"minirocket": 10_000, "multirocket_hydra": 6250}
"""Name → how many kernels the papers use."""
