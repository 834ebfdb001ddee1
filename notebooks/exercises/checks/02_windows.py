"""The checks of the exercises to lesson 2 · What happened between the phone and the data set?

Made from ``notebooks/solutions/02_windows.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from scipy.signal import medfilt

from har_utils import selfcheck

# %% 1
selfcheck.check(
    my_lag,
    expected=lag(0.1),
    placeholder=lag(0.3),
    todo="this is still the delay at 0.3 Hz.",
    hints={
        "the other way round: does a filter that follows more slowly answer sooner?": lag(0.9),
        "the right direction, but a third of the frequency does more than that.": 2 * lag(0.3),
    },
    right="a third of the frequency, three times the delay. That is the price of a slow filter.",
    tolerance=0.1,
)

# %% 2
lengths = [50, 128, 191, 192, 500, 1000]
cut = [len(signals.sliding_windows(np.zeros((n, 1)))) for n in lengths]
selfcheck.check(
    lambda: [count_windows(n, 128, 64) for n in lengths],
    expected=cut,
    placeholder=[n // 128 for n in lengths],
    todo="so far this counts windows that do not overlap.",
    hints={
        "one is missing: the first window needs no step.": [(n - 128) // 64 for n in lengths],
        "these are places to start; some windows would run over the end.": [
            n // 64 for n in lengths
        ],
        "nearly, but a stretch can be shorter than a window.": [(n - 64) // 64 for n in lengths],
    },
    right=f"{lengths[-1]} samples, for example, give {cut[-1]} windows.",
)

# %% 3
example = raw[:60, 0]
selfcheck.check(
    lambda: np.hstack([median_filter(example, size) for size in (3, 5, 9)]),
    expected=np.hstack([medfilt(example, size) for size in (3, 5, 9)]),
    placeholder=np.tile(example, 3),
    todo="so far every sample stays as it is.",
    hints={
        "`size` is ignored: this is the median of three.": np.tile(medfilt(example, 3), 3),
        "this is the mean, which smears an outlier over its neighbours.": np.hstack(
            [np.convolve(example, np.ones(size) / size, mode="same") for size in (3, 5, 9)]
        ),
    },
    right="and with size 3 it is the filter of the data set.",
)

# %% 4
selfcheck.check(
    lambda: join(windows, 64),
    expected=stretch,
    placeholder=np.concatenate(windows),
    todo="so far the windows stand one behind the other, and most samples are there twice.",
    hints={
        "the end is missing: nobody follows the last window.": stretch[:-64],
        "the beginning is missing: nobody comes before the first window.": stretch[64:],
    },
    right="nothing was lost by cutting.",
)

# %% 5
selfcheck.check(
    lambda: seen(toy, toy_learn, toy_held_out),
    expected=[True, False, False, True],
    placeholder=[False] * 4,
    todo="so far nothing is ever seen before.",
    hints={
        "sample 128 is the first one *behind* a window that starts at 0.": [
            True,
            True,
            False,
            True,
        ],
        "the same place in another recording is another sample.": [True, False, True, True],
        "the same recording is not enough, the samples must meet.": [True, True, True, True],
    },
    right="now ask it about the real folds, below.",
)
