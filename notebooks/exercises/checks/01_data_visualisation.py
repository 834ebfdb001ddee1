"""The checks of the exercises to lesson 1 · What do six activities look like to a phone?

Made from ``notebooks/solutions/01_data_visualisation.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from sklearn.neighbors import NearestNeighbors

from har_utils import features
from har_utils.course import selfcheck

# %% 1
selfcheck.check(
    my_names,
    expected=[dataset.ACTIVITIES[code] for code in order],
    placeholder=["WALKING"] * 6,
    todo="so far all six are called walking. Begin with the three windows that keep still.",
    right="all six.",
)

# %% 2
lying = people.labels == dataset.ACTIVITIES.index("LAYING")
selfcheck.reaches(
    lambda: np.mean(lies(gravity) == lying),
    bar=0.99,
    placeholder=np.mean(~lying),
    turned="it is turned round: you call lying whoever does not lie.",
    todo="nobody ever lies so far. That alone is right in four windows of five: remember this "
    "whenever somebody tells you an accuracy.",
    right="one comparison is enough for this activity, and it works for people of any size.",
)

# %% 3
position = people.features[people.labels < 3, features.NAMES.index("fBodyAcc-maxInds-X")]
rates = frequency[position.astype(int)]
with_gravity = x + 1  # so that the mean, which is left out, would be strongest
selfcheck.check(
    lambda: [step_rate(window) for window in with_gravity],
    expected=rates,
    placeholder=np.ones(len(x)),
    todo="so far everybody steps once a second.",
    hints={
        "this is the position in the list, not yet the frequency that stands there.": position,
        "that is frequency 0, the mean: the check's windows have gravity in them. Leave it out.": (
            np.zeros(len(x))
        ),
        "you are one place too low: which frequency is left out?": frequency[
            position.astype(int) - 1
        ],
        "this is how strong it is; asked for is which frequency.": np.abs(np.fft.rfft(x))[
            :, 1:
        ].max(1),
    },
    right=f"in half of the windows it is at least {np.median(rates):.2f} Hz.",
)

# %% 4
library = NearestNeighbors(n_neighbors=2).fit(points).kneighbors(points)[1][:, 1]
same = np.mean(person[library] == person)
selfcheck.check(
    lambda: nearest(points),
    expected=library,
    placeholder=np.zeros(len(points)),
    todo="so far everybody's nearest window is the first one.",
    hints={"every window is its own nearest one: rule that out.": np.arange(len(points))},
    right=f"in {100 * same:.0f} % it is the same person's. Three numbers, nobody moving, and "
    f"still a "
    f"signature; by chance it would be {100 * np.mean(person[:, None] == person):.0f} %.",
)

# %% 5
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "No: some people lean more when they sit and others when they stand, so one line is "
        "wrong for several of them, and a phone put into the belt anew leans differently "
        "again."
    ),
)
