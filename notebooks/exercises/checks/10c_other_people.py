"""The checks of the exercises to lesson 10c · Does it know other people and other phones?

Made from ``notebooks/solutions/10c_other_people.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils import placement
from har_utils.course import selfcheck

# %% 1
turned_round = np.array([-1] * 3 + [1] * 3 + [-1] * 3)
selfcheck.check(
    my_signs,
    expected=turned_round,
    placeholder=[1] * 9,
    todo="so far it reads like an Android phone.",
    hints={
        "the gyroscope is the same on both.": [-1] * 9,
        "the acceleration of the body has gravity's sign, too.": [1] * 6 + [-1] * 3,
    },
    right="both accelerations change their sign, the angular velocity does not.",
)

# %% 2
documented, measured = 4000 / 2**16, 1 / 14.375
selfcheck.check(
    my_factor,
    expected=measured / documented,
    placeholder=1.0,
    todo="so far the documents are right.",
    hints={
        "that is how much too large it would be; ask the other way round.": documented / measured,
        "those are degrees per second of one count; divide by the documented ones.": measured,
        "a factor, not percent.": 100 * (measured / documented - 1),
    },
    right="the same 14 percent that gravity shows: it turns further than the gyroscope says.",
    tolerance=0.001,
)

# %% 3
directions = np.array([[0.6, -0.8, 0.0], [-0.6, 0.8, 0.0]])
shown = np.array([directions[0], [0.0, 0.0, 1.0], [0.8, 0.6, 0.0]])
matrices = placement.turns_to_x(directions)
selfcheck.check(
    lambda: [upright(shown, each) for each in directions],
    expected=[shown @ matrix.T for matrix in matrices],
    placeholder=[shown, shown],
    todo="so far nothing is turned.",
    hints={
        "it turns the wrong way round: up goes further away from +x.": [
            shown @ matrix for matrix in matrices
        ],
    },
    right="and it agrees with the course's own function.",
    tolerance=1e-9,
)

# %% 4
pairs = [(a, b) for a in range(5) for b in range(a)]
selfcheck.check(
    my_trainings,
    expected=len(pairs),
    placeholder=0,
    todo="without a training there is nothing to compare.",
    hints={
        "every training serves two targets.": 20,
        "a set is never left out twice in one training.": 25,
        "those are the final trainings; choosing comes before.": 5,
    },
    right="one for each pair of sets, and no target has chosen anything for itself.",
)

# %% 5
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "No: the second attempt was designed by people who knew the scores of the first on the "
        "same sets, so its scores may be too good; and a mean over two sets tells one customer "
        "little, since scores differ much from person to person."
    ),
)
