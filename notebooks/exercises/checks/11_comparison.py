"""The checks of the exercises to lesson 11 · Which model would you choose?

Made from ``notebooks/solutions/11_comparison.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from scipy.stats import binom

from har_utils import evaluation
from har_utils.course import selfcheck

# %% 1
def width(n_people, n_draws=4000):
    """Return the width of the interval if so many people were drawn from ours."""
    drawn = np.random.default_rng(0).integers(len(people), size=(n_draws, n_people))
    right, all_of = (np.bincount(person, weights)[people] for weights in (correct, None))
    low, high = np.quantile(right[drawn].sum(1) / all_of[drawn].sum(1), [0.025, 0.975])
    return high - low


selfcheck.check(
    my_factor,
    expected=width(36) / width(9),
    placeholder=1.0,
    todo="so far more people would teach us nothing.",
    hints={"too good: doubt shrinks with the root of the number of people.": 0.25},
    right=f"drawn four thousand times, it is {width(36) / width(9):.2f}. Half the doubt costs four "
    "times the people.",
    tolerance=0.06,
)

# %% 2
def interval(accuracies):
    """Return the middle 95 % of many accuracies."""
    return np.quantile(accuracies, [0.025, 0.975])


known = evaluation.subject_bootstrap([run], n_resamples=len(draws))
share = {somebody: correct[person == somebody].mean() for somebody in people}
once = [np.isin(person, drawn) for drawn in draws]
selfcheck.check(
    lambda: interval([accuracy_of(drawn, correct, person) for drawn in draws]),
    expected=[known.low, known.high],
    placeholder=[correct.mean()] * 2,
    todo="so far everybody is always tested once, and there is no doubt at all.",
    hints={
        "who was drawn twice counts only once.": interval([correct[who].mean() for who in once]),
        "you average people; somebody with more windows should count more.": interval(
            [np.mean([share[somebody] for somebody in drawn]) for drawn in draws]
        ),
    },
    right=f"from {100 * known.low:.1f} % to {100 * known.high:.1f} %, as "
    f"`evaluation.subject_bootstrap` has it.",
)

# %% 3
known = evaluation.subject_bootstrap([run], n_resamples=2000)
spread = 1.96 * np.sqrt(correct.mean() * (1 - correct.mean()) / len(correct))
times = (known.high - known.low) / (2 * spread)


def widths(ends):
    """Return how far the ends of an interval are from the accuracy, in half widths."""
    return np.subtract(ends, correct.mean()) / spread


def exact(*shares):
    """Return the ends that endless drawing would give, in half widths."""
    return widths(binom.ppf(shares, len(correct), correct.mean()) / len(correct))


# So many draws that chance does not decide between 95 % and 90 %.
selfcheck.check(
    lambda: widths(window_interval(correct, np.random.default_rng(1), 10_000)),
    expected=exact(0.025, 0.975),
    placeholder=[0, 0],
    todo="so far the interval has no width.",
    hints={
        "the two ends have changed places.": exact(0.975, 0.025),
        "that is the middle 90 %: how much may lie outside on *each* side?": exact(0.05, 0.95),
    },
    right=f"and it is far too narrow: the interval over people is {times:.0f} times as wide. "
    f"Windows of one person succeed and fail together, so {len(correct):,} of them tell us about "
    f"as much as {len(correct) / times**2:.0f} independent ones would.",
    tolerance=0.04,
)

# %% 4
def known_p(only_a, only_b):
    """Return the p-value of windows with these counts."""
    first = np.arange(only_a + only_b) < only_a
    return evaluation.mcnemar_exact(first, ~first)


counts = [(3, 9), (9, 3), (5, 5), (0, 0), (0, 6), (40, 70)]
one_side = binom.cdf(np.min(counts, axis=1), np.sum(counts, axis=1), 0.5)
selfcheck.check(
    lambda: [mcnemar(*count) for count in counts],
    expected=[known_p(*count) for count in counts],
    placeholder=binom.pmf(np.min(counts, axis=1), np.sum(counts, axis=1), 0.5),
    todo="so far this is the probability of *exactly* these counts.",
    hints={
        "only one side: as uneven to the other side would be as surprising.": one_side,
        "nearly, but no probability is larger than 1.": 2 * one_side,
    },
    right="now try it on the two networks, below.",
)

# %% 5
paired = evaluation.paired_bootstrap([run], [other], n_resamples=len(places_drawn))
again = places_drawn[::-1]
drawn_apart = right[places_drawn].sum(1) / n_windows[places_drawn].sum(1)
drawn_apart -= other_right[again].sum(1) / n_windows[again].sum(1)
apart = np.quantile(drawn_apart, [0.025, 0.975])
decided = paired.low > 0 or paired.high < 0
zero = "outside: one of these two runs is better" if decided else "inside: nobody can say"
selfcheck.check(
    lambda: difference_interval(right, other_right, n_windows, places_drawn),
    expected=[paired.low, paired.high],
    placeholder=[-1, 1],
    todo="so far any difference is possible.",
    hints={
        "this is second minus first.": [-paired.high, -paired.low],
        "are both models scored on the same draw?": apart,
    },
    right=f"from {100 * paired.low:+.1f} to {100 * paired.high:+.1f} points; with people drawn "
    f"anew for the second model {np.ptp(apart) / (paired.high - paired.low):.1f} times as wide. "
    f"Zero is {zero}.",
    tolerance=1e-4,  # the next draw in order will do: `np.quantile` is not asked for
)

# %% 6
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "By what I can tell apart: cost, how easily it is explained, and what has to be "
        "computed first; and I say that accuracy did not decide."
    ),
)
