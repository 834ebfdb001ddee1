"""The checks of the exercises to lesson 10 · Will it work outside the laboratory?

Made from ``notebooks/solutions/10_robustness.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

import pandas as pd

from har_utils import augmentation, robustness
from har_utils.course import selfcheck

# %% 1
quarter_turn = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]])  # row by row: new x, y, z


def said(answers):
    """Name the axis and sign in each column, one per channel."""
    rows = np.abs(answers).argmax(axis=0)
    signs = ["-" if sign < 0 else "" for sign in answers[rows, range(9)]]
    return [sign + "xyz"[row % 3] for sign, row in zip(signs, rows, strict=True)]


def after(turn):
    """Name what each channel measures after a turn: one window for each channel of before."""
    return said(augmentation.rotate(np.eye(9)[:, np.newaxis], turn)[:, 0])


turned = after(quarter_turn)
selfcheck.check(
    my_axes,
    expected=turned,
    placeholder=after(np.eye(3)),
    todo="so far nothing is turned.",
    hints={
        "this is a quarter turn the other way round.": after(quarter_turn.T),
        "*x* and *y* only changing places is a mirror; in a turn, one changes its sign, too.": (
            after(np.abs(quarter_turn))
        ),
        "the gyroscope is turned, too.": [*turned[:3], *"xyz", *turned[6:]],
        "that is half a turn: the axes keep their places.": after(robustness.HALF_TURN),
        "that is the mirror of the lesson, not a turn.": said(np.diag(augmentation.MIRROR)),
    },
    right="gravity, which *x* felt while somebody stands, is on *y* now, with the other sign.",
)

# %% 2
sent = walking[:, dataset.CHANNELS.index("total_acc_x")].astype(float)
came = np.random.default_rng(0).random(128) > 0.5
came[0] = True
known = pd.Series(np.where(came, sent, np.nan))


def tried():
    """Return what is received; a function that changes what it was given is none."""
    given = sent.copy()
    answer = received(given, came.copy())
    if not np.array_equal(given, sent):
        raise ValueError("it changes the signal it is given: begin with `signal.copy()`")
    return answer


selfcheck.check(
    tried,
    expected=known.ffill(),
    placeholder=sent,
    todo="so far nothing is ever lost.",
    hints={
        "lost samples are zero; the last one that arrived is to be repeated.": known.fillna(0),
        "you repeat the *next* one, which the receiver cannot know yet.": known.bfill(),
        "straight lines need the next sample, which is not there yet.": known.interpolate(),
        "the lost samples are missing, and the signal is too short.": known.dropna(),
        "the sample before may itself have been lost.": np.where(came, sent, np.roll(sent, 1)),
    },
    right="half of it was lost, and one still sees somebody walk.",
)

# %% 3
generator = np.random.default_rng(3)
whose = np.repeat([2, 4, 9], [10, 40, 150])
before = generator.random(200) < 0.9
after_it = generator.random(200) < np.repeat([0.3, 0.6, 0.9], [10, 40, 150])
lost = [before[whose == p].mean() - after_it[whose == p].mean() for p in (2, 4, 9)]
selfcheck.check(
    lambda: points_lost(before, after_it, whose),
    expected=100 * np.mean(lost),
    placeholder=0.0,
    todo="so far nothing is lost.",
    hints={
        "these are fractions; a point is one in a hundred.": np.mean(lost),
        "this is the mean over windows: whoever has most of them decides.": 100
        * (before.mean() - after_it.mean()),
        "a window that is right only afterwards is gained, and counts against what is lost.": 100
        * np.mean([(before & ~after_it)[whose == p].mean() for p in (2, 4, 9)]),
        "what is lost is positive: before minus after.": -100 * np.mean(lost),
    },
    right="somebody with few windows may lose most, and the mean over windows would hide it.",
)

# %% 4
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "Ignore the first, which is less than people differ by; for the second check the "
        "position before answering, for example the direction of gravity, and say nothing "
        "rather than something wrong."
    ),
)
