"""The checks of the exercises to lesson 9 · Is the source's network held back by its settings?

Made from ``notebooks/solutions/09_tuning.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils.course import selfcheck

# %% 1
searches = 0.30 + 0.02 * np.random.default_rng(0).normal(size=(4000, 40))
lowest = searches.min(axis=1).mean()
selfcheck.check(
    my_lowest,
    expected=lowest,
    placeholder=0.30,
    todo="so far the best is no better than the average.",
    hints={"the best of forty is further out than a single standard deviation.": 0.28},
    right=f"about {lowest:.3f}. Nothing was found, and yet the winner promises "
    f"{(0.30 - lowest) / 0.02:.1f} standard deviations more than anybody can keep.",
    tolerance=0.005,
)

# %% 2
u = np.linspace(0, 1, 7)
even = 0.0001 + (0.1 - 0.0001) * u
right = np.geomspace(0.0001, 0.1, 7)
selfcheck.check(
    lambda: [learning_rates(u, 0.0001, 0.1), learning_rates(u, 0.01, 1)],
    expected=[right, np.geomspace(0.01, 1, 7)],
    placeholder=[even, 0.01 + 0.99 * u],
    todo="so far the rates are drawn evenly, and the small ones have hardly a chance.",
    hints={
        "these are the logarithms of the rates.": [np.linspace(-4, -1, 7), np.linspace(-2, 0, 7)],
        "right for 0.0001 to 0.1, but `low` and `high` may be others.": [right, right],
        "`high` need not be a thousand times `low`.": [right, np.geomspace(0.01, 10, 7)],
    },
    right="a third of the rates in each factor of ten.",
)

# %% 3
table = 0.30 + 0.02 * np.random.default_rng(1).normal(size=(40, 5))
total = table.sum(axis=1, keepdims=True)
chosen = (total - table).argmin(axis=0)
by_others = table[chosen, np.arange(5)]
selfcheck.check(
    lambda: nested_loss(table),
    expected=by_others,
    placeholder=table.min(axis=0),
    todo="so far each fold chooses for itself, which is the opposite of honest.",
    hints={
        "all five folds choose together, so each has had a say about itself.": table[
            total.argmin()
        ],
        "this is what the four that choose have; asked for is the fifth.": (
            (total - table).min(axis=0) / 4
        ),
    },
    right=f"{by_others.mean():.3f} on average, while the winner promises {total.min() / 5:.3f}; "
    "the truth is 0.300.",
)

# %% 4
done = [[0.9, 0.7, 0.5, 0.4, 0.3], [1.0, 0.8, 0.6, 0.65, 0.5], [1.2, 0.6, 0.9, 0.8, 0.7]]
trials = [
    [2.0],  # bad, but too early to say
    [2.0, 1.5],
    [2.0, 1.5, 1.4],  # bad, and time to say so
    [0.9, 0.55, 0.95],  # was good a moment ago
    [0.9, 0.65, 0.58],  # above the final median, not above that after three epochs
    [0.9, 0.8, 0.62, 0.61],  # above the median after four epochs
    [0.6, 0.6, 0.6],  # just at the median
]
selfcheck.check(
    lambda: [
        *(bool(should_prune(trial, done)) for trial in trials),
        bool(should_prune([2.0, 1.5], done, patience=2)),
    ],
    expected=[False, False, True, False, False, True, False, True],
    placeholder=[False] * 8,
    todo="so far nobody ever gives up, and bad trials eat the time of good ones.",
    hints={
        "you give up before `patience` epochs are done.": [
            *(True, True, True, False, False, True, False, True)
        ],
        "`patience` is not always three: the caller says it.": [
            *(False, False, True, False, False, True, False, False)
        ],
        "a bad last epoch is no reason: the lowest loss counts.": [
            *(False, False, True, True, False, True, False, True)
        ],
        "compare with what the others had after as many epochs, not at their end.": [
            *(False, False, True, True, True, True, True, True)
        ],
        "at the median is not above it.": [*(False, False, True, False, False, True, True, True)],
    },
    right="this is the rule of the lesson.",
)

# %% 5
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "Less than a point: the best of forty is partly the luckiest on these folds, and luck "
        "does not come along to new people."
    ),
)
