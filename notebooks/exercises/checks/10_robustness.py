"""The checks of the exercises to lesson 10 · Will it work outside the laboratory?

Made from ``notebooks/solutions/10_robustness.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

import pandas as pd

from har_utils import augmentation, evaluation, metrics, robustness
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
some = probability[:200].clip(1e-6)
some /= some.sum(axis=1, keepdims=True)
warm, cold = (evaluation.at_temperature(some, t) for t in (2.0, 0.5))
selfcheck.check(
    lambda: [at_temperature(some, 2.0), at_temperature(some, 0.5)],
    expected=[warm, cold],
    placeholder=[some, some],
    todo="so far the temperature does nothing. (Dividing the probabilities themselves would do "
    "nothing, either.)",
    hints={
        "the other way round: a high temperature should make it cautious.": [cold, warm],
        "the rows do not add up to one.": [some**0.5, some**2],
    },
    right="the most probable activity stays the same at every temperature; only the confidence "
    "changes.",
    tolerance=1e-5,
)

# %% 4
distinct = np.unique(probability.max(axis=1), return_index=True)[1]
distinct = np.random.default_rng(0).permutation(distinct)  # or they would come sorted
asked, given = activity[distinct], probability[distinct]
said, order = given.argmax(axis=1), np.argsort(given.max(axis=1))
share_of = [0.5, 0.8, 0.9]
kept = [round(share * len(asked)) for share in share_of]


def on_last(said, asked):
    """Return the accuracy on the last windows, for each share."""
    return [np.mean(said[-n:] == asked[-n:]) for n in kept]


curve = evaluation.selective(asked, given)["accuracy"].to_numpy()
of_all = evaluation.selective(activity, probability)["accuracy"].to_numpy()
selfcheck.check(
    lambda: [accuracy_when_sure(asked, given, share) for share in share_of],
    expected=curve[np.subtract(kept, 1)],
    placeholder=[curve[-1]] * 3,
    todo="so far every window gets an answer.",
    hints={
        "these are the windows it is *least* sure of.": on_last(
            said[order][::-1], asked[order][::-1]
        ),
        "you take the last windows as they come; sort them by their top probability first.": (
            on_last(said, asked)
        ),
        "you take the first windows as they come; sort them by their top probability first.": (
            on_last(said[::-1], asked[::-1])
        ),
        "`probability` is sorted, `activity` is not: they no longer belong together.": on_last(
            said[order], asked
        ),
        "`activity` is sorted, `probability` is not: they no longer belong together.": on_last(
            said, asked[order]
        ),
    },
    right=f"of all {len(activity):,} windows, {of_all[-1]:.1%} if it answers every one, "
    f"{of_all[round(0.8 * len(activity)) - 1]:.1%} if it may be silent on one in five.",
)

# %% 5
confidence = probability.max(axis=1)
right = probability.argmax(axis=1) == activity
bins = np.ceil(confidence * 15)
gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) for b in np.unique(bins)]
error = metrics.expected_calibration_error(activity, probability)
selfcheck.check(
    lambda: calibration_error(activity, probability),
    expected=error,
    placeholder=abs(confidence.mean() - right.mean()),
    todo="with a single bin, being too sure here and too shy there cancel.",
    hints={
        "every bin counts the same here, however few windows are in it.": np.mean(gaps),
        "these are the distances added up; each bin should count by its share.": np.sum(gaps),
    },
    right=f"this network is {100 * error:.1f} points off, on average.",
    tolerance=1e-5,
)
