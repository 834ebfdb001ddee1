"""The checks of the exercises to lesson 10b · How sure is it, and where is it wrong?

Made from ``notebooks/solutions/10b_sure_and_wrong.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils import evaluation, metrics
from har_utils.course import selfcheck

# %% 1
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

# %% 2
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
    right=f"of all {len(activity):,} windows, {100 * of_all[-1]:.1f} % if it answers every one, "
    f"{100 * of_all[round(0.8 * len(activity)) - 1]:.1f} % if it may be silent on one in five.",
)

# %% 3
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

# %% 4
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "Good where a wrong answer costs more than none, as in an alarm or a study; bad where "
        "windows are silent together, for example always for the same person, who would then "
        "never be served."
    ),
)
