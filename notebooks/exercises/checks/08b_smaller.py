"""The checks of the exercises to lesson 8b · How small can a good network be?

Made from ``notebooks/solutions/08b_smaller.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils.course import selfcheck

# %% 1
given = np.random.default_rng(7).dirichlet(np.ones(6), size=(3, 300))
votes = np.eye(6)[given.argmax(axis=2)].sum(axis=0)
selfcheck.check(
    lambda: ensemble(given),
    expected=given.mean(axis=0).argmax(axis=1),
    placeholder=given[0].argmax(axis=1),
    todo="so far only the first network is asked.",
    hints={
        "that is the vote of the majority: the mean also counts how sure each one is.": (
            votes.argmax(axis=1)
        ),
        "the surest network decides alone here; take the mean.": given.max(axis=0).argmax(axis=1),
        "`axis=0` goes over the networks, `axis=1` of the mean over the activities.": (
            given.mean(axis=0).argmax(axis=0)
        ),
    },
    right="a network that is sure outweighs two that hesitate.",
)

# %% 2
codes = np.array([4, 4, 0])
probabilities = np.random.default_rng(2).dirichlet(np.ones(6), size=(2, 3))
label, mean = np.eye(6)[codes], probabilities.mean(axis=0)
selfcheck.check(
    lambda: targets(codes, probabilities, 0.7),
    expected=0.3 * label + 0.7 * mean,
    placeholder=label,
    todo="so far the teachers have nothing to say.",
    hints={
        "the shares are the wrong way round.": 0.7 * label + 0.3 * mean,
        "only the first teacher was asked.": 0.3 * label + 0.7 * probabilities[0],
        "the teachers' probabilities are added up; take their mean.": 0.3 * label
        + 0.7 * probabilities.sum(axis=0),
    },
    right="each row sums to one, and tells more than a label.",
)

# %% 3
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "The small one on a watch or phone, where size and energy count and half a point is "
        "hardly noticed; the large one, or an ensemble, where a computer answers later and "
        "mistakes are dear."
    ),
)
