"""The checks of the exercises to lesson 2 · What happened between the phone and the data set?

Made from ``notebooks/solutions/02_windows.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from scipy.signal import medfilt

from har_utils.course import selfcheck

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
    tolerance=0.076,
)

# %% 2
lengths = [50, 128, 191, 192, 500, 1000]
cases = [(n, 128, 64) for n in lengths] + [(200, 100, 30), (77, 20, 20)]
cut = [len(signals.sliding_windows(np.zeros((n, 1)), w, s)) for n, w, s in cases]
selfcheck.check(
    lambda: [count_windows(*case) for case in cases],
    expected=cut,
    placeholder=[n // w for n, w, _ in cases],
    todo="so far this counts windows that do not overlap.",
    hints={
        "one is missing: the first window needs no step.": [(n - w) // s for n, w, s in cases],
        "these are places to start; some windows would run over the end.": [
            n // s for n, _, s in cases
        ],
        "nearly, but a stretch can be shorter than a window.": [
            (n - w) // s + 1 for n, w, s in cases
        ],
        "right if the stride is half a window, but it may be any other.": [
            max(0, n // s - 1) for n, _, s in cases
        ],
        "you step by half a window; step by `stride`.": [
            max(0, (n - w) // (w // 2) + 1) for n, w, _ in cases
        ],
        "this is for windows of 128 that start 64 apart, whatever is asked for.": [
            max(0, (n - 128) // 64 + 1) for n, _, _ in cases
        ],
    },
    right=f"{lengths[-1]} samples, for example, give {cut[len(lengths) - 1]} windows.",
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
def joined(join):
    """Return what two strides give, one behind the other."""
    return np.concatenate([join(signals.sliding_windows(stretch, 128, s), s) for s in (64, 32)])


selfcheck.check(
    lambda: joined(join),
    expected=np.concatenate([stretch, stretch]),
    placeholder=joined(lambda windows, stride: np.concatenate(windows)),
    todo="so far the windows stand one behind the other, and most samples come more than once.",
    hints={
        "the end is missing: nobody follows the last window.": np.concatenate(
            [stretch[:-64], stretch[:-96]]
        ),
        "the beginning is missing: nobody comes before the first window.": np.concatenate(
            [stretch[64:], stretch[96:]]
        ),
        "right for a stride of half a window; a smaller one leaves more behind the last.": joined(
            lambda windows, stride: np.concatenate([*windows[:, :stride], windows[-1, -stride:]])
        ),
        "you take half of each window; how much is new depends on the stride.": joined(
            lambda windows, stride: np.concatenate([*windows[:, :64], windows[-1, 64:]])
        ),
    },
    right="nothing was lost by cutting.",
)

# %% 5
selfcheck.check(
    lambda: seen(toy, toy_learn, toy_held_out),
    expected=[True, False, True, False, True, True],
    placeholder=[False] * 6,
    todo="so far nothing is ever seen before.",
    hints={
        "sample 128 is the first one *behind* a window that starts at 0.": [
            *(True, True, True, False, True, True)
        ],
        "the same place in another recording is another sample.": [
            *(True, False, True, True, True, True)
        ],
        "the same recording is not enough, the samples must meet.": [True] * 6,
        "a learning window may also start later, and one shared sample is enough.": [
            *(True, False, False, False, True, False)
        ],
    },
    right="now ask it about the real folds, below.",
)

# %% 6
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "Yes: the body acceleration is off by a fair part of its own spread, so the network "
        "sees signals it was never trained on, and nothing in its answer will say so."
    ),
)
