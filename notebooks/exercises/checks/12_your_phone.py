"""The checks of the exercises to lesson 12 · Does it work on your own phone?

Made from ``notebooks/solutions/12_your_phone.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils import features, signals
from har_utils.course import selfcheck

# %% 1
shaken = np.sin(2 * np.pi * 30 * np.arange(500) / 50)
seen = np.fft.rfftfreq(500, 1 / 50)[np.abs(np.fft.rfft(shaken)).argmax()]
selfcheck.check(
    my_frequency,
    expected=seen,
    placeholder=30,
    todo="30 Hz is what is there; but 50 samples a second cannot show more than 25.",
    hints={"that is the highest frequency one could see, but not what one sees.": 25},
    right="and 20 Hz is what a model would have to make sense of. Hence the filter *before* "
    "samples are dropped.",
)

# %% 2
metric = walk * 9.80665
selfcheck.check(
    lambda: [in_g(walk), in_g(metric), in_g(metric[:, ::-1]), in_g(-metric)],
    expected=[walk, walk, walk[:, ::-1], -walk],
    placeholder=[walk, metric, metric[:, ::-1], -metric],
    todo="so far the unit is what it was.",
    hints={
        "what was in g already must stay as it is.": np.divide(
            [walk, metric, metric[:, ::-1], -metric], 9.80665
        ),
        "the other way round: m/s² are the larger numbers.": [
            *(walk, metric * 9.80665, metric[:, ::-1] * 9.80665, -metric * 9.80665)
        ],
        "right as long as *x* points up; look at the length, not at one axis.": [
            *(walk, walk, metric[:, ::-1], -metric)
        ],
        "a phone may also be upside down; look at the length, which has no sign.": [
            *(walk, walk, walk[:, ::-1], -metric)
        ],
    },
    right="however the phone is turned.",
)

# %% 3
long_enough = int(times[-1] * 50) + 1
grid = np.arange(long_enough) / signals.SAMPLING_RATE
lines = np.column_stack([np.interp(grid, times, axis) for axis in walk.T])
nearest = walk[np.abs(times[None] - grid[:, None]).argmin(axis=1)]
selfcheck.check(
    lambda: regular(times, walk),
    expected=lines,
    placeholder=walk[:long_enough],
    todo="so far the samples are taken as if they had come in time.",
    hints={
        "these are the nearest samples; read off the lines between two.": nearest,
        "one is missing at the end (or at the beginning).": lines[:-1],
        "the axes belong into columns.": lines.T,
    },
    right="now the filters of notebook 2 may be used: they count samples, not seconds.",
)

# %% 4
positions = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [2, 2, 0]], dtype=float)
means = np.repeat(walk.mean(axis=0)[np.newaxis], 4, axis=0)
angles = np.degrees(features.angle(means, positions))
selfcheck.check(
    lambda: [angle_to_usual(walk, position) for position in positions],
    expected=angles,
    placeholder=np.zeros(4),
    todo="so far every phone sits as usual.",
    hints={
        "these are radians.": np.radians(angles),
        "this is the cosine of the angle.": np.cos(np.radians(angles)),
    },
    right=f"this person's phone leans {angles[0]:.0f}° from *x*, the axis that points up on the "
    "waist.",
)

# %% 5
def as_text(entries):
    """Return a diary as lines."""
    return [f"{name} {start:.2f} {stop:.2f}" for name, start, stop in entries]


def by_edges(length):
    """Return the diary if a stretch ends so long after its last window starts."""
    groups = [(0, 1), (2, 2), (3, 5), (6, 6)]
    return as_text((answers[a], starts[a], starts[b] + length) for a, b in groups)


each = [(name, start, start + 2.56) for name, start in zip(answers, starts, strict=True)]
selfcheck.check(
    lambda: as_text(diary(answers, starts)),
    expected=by_edges(2.56),
    placeholder=as_text(each),
    todo="so far every window is an entry of its own.",
    hints={
        "each stretch ends where its last window *starts*; that window is 2.56 s long.": by_edges(
            0
        ),
        "each stretch ends where the next begins; its last window is longer than that.": by_edges(
            1.28
        ),
        "the last stretch is missing: who writes it down when the answers are over?": by_edges(
            2.56
        )[:-1],
    },
    right="neighbouring stretches overlap, as their windows do.",
)

# %% 6
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "No: the network has no word for cycling and takes the nearest of its six, and may be as "
        "sure of that as of a walk. It helps to show it cycling as a seventh activity, or to check "
        "whether a recording resembles the training before believing any answer."
    ),
)
