"""The checks of the exercises to lesson 10 · Will it work outside the laboratory?

Made from ``notebooks/solutions/10_robustness.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

import pandas as pd

from har_utils import augmentation, evaluation, metrics, robustness, selfcheck

# %% 1
selfcheck.check(
    my_signs,
    expected=robustness.turn_upside_down(np.ones((1, 128, 9)))[0, 0],
    placeholder=np.ones(9),
    todo="so far nothing is turned.",
    hints={
        "that is the mirror of the lesson, not a turn.": augmentation.MIRROR,
        "*z* stays, the other two are turned round.": [1, 1, -1] * 3,
        "the gyroscope is turned, too.": [-1, -1, 1, 1, 1, 1, -1, -1, 1],
    },
    right="six channels change their sign; whether a network minds is another question.",
    tolerance=1e-5,
)

# %% 2
known = pd.Series(np.where(arrived, signal, np.nan))
selfcheck.check(
    lambda: received(signal, arrived),
    expected=known.ffill(),
    placeholder=signal,
    todo="so far nothing is ever lost.",
    hints={
        "lost samples are zero; the last one that arrived is to be repeated.": known.fillna(0),
        "you repeat the *next* one, which the receiver cannot know yet.": known.bfill(),
        "straight lines need the next sample, which is not there yet.": known.interpolate(),
        "the lost samples are missing, and the signal is too short.": known.dropna(),
        "the sample before may itself have been lost.": np.where(
            arrived, signal, np.roll(signal, 1)
        ),
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
asked, given = activity[distinct], probability[distinct]
curve = evaluation.selective(asked, given)["accuracy"].to_numpy()
share_of = [0.5, 0.8, 0.9]
places = [round(share * len(asked)) - 1 for share in share_of]
selfcheck.check(
    lambda: [accuracy_when_sure(asked, given, share) for share in share_of],
    expected=curve[places],
    placeholder=[curve[-1]] * 3,
    todo="so far every window gets an answer.",
    hints={
        "these are the windows it is *least* sure of.": [
            np.mean((given.argmax(axis=1) == asked)[: round(share * len(asked))])
            for share in share_of
        ],
    },
    right=f"{curve[-1]:.1%} if it answers all of these, {curve[places[1]]:.1%} if it may be "
    "silent on one in five.",
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
