"""The checks of the exercises to lesson 8 · What would you build today?

Made from ``notebooks/solutions/08_modern.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils import augmentation
from har_utils.course import selfcheck

# %% 1
half_turn = np.diag([-1.0, -1.0, 1.0])
[turned] = augmentation.rotate(window[np.newaxis], half_turn)
selfcheck.check(
    my_signs,
    expected=np.sign(turned[0] * window[0]),
    placeholder=[1] * 9,
    todo="so far nothing has been turned.",
    hints={
        "only in a mirror does the angular velocity have signs of its own; in a turn it behaves as "
        "the accelerations do.": [
            *[-1, -1, 1],
            *[1, 1, -1],
            *[-1, -1, 1],
        ],
        "that is a mirror, not a turn.": augmentation.MIRROR,
        "*z* is the axis, it stays where it is.": [-1] * 9,
    },
    right="x and y change their sides in every triple, z stays.",
)

# %% 2
answers = np.random.default_rng(0).normal(size=100)
rise = np.log(((2 * answers) ** 2).mean()) - np.log((answers**2).mean())
selfcheck.check(
    my_rise,
    expected=rise,
    placeholder=0.0,
    todo="so far it does not rise at all.",
    hints={
        "the answers are squared before the mean is taken.": np.log(2),
        "that is the factor; asked for is what is added to the logarithm.": 4.0,
    },
    right="the same for every window, loud or still: what was a factor has become a sum.",
    tolerance=0.01,
)

# %% 3
steps = np.arange(0, 81, 10)
expected = 0.003 * (1 + np.cos(np.pi * steps / 80)) / 2
selfcheck.check(
    lambda: [cosine_decay(step, 80, 0.003) for step in steps],
    expected=expected,
    placeholder=[0.003] * 9,
    todo="so far the rate stays where it began.",
    hints={
        "this falls along a straight line.": 0.003 * (1 - steps / 80),
        "with 2π the rate is back at the start at the end: half a cosine is π.": 0.003
        * (1 + np.cos(2 * np.pi * steps / 80))
        / 2,
        "this is a quarter of a cosine's whole turn: flat at the top, steep at the end.": 0.003
        * np.cos(np.pi * steps / 160),
        "this goes below zero: a learning rate of less than nothing unlearns.": 0.003
        * np.cos(np.pi * steps / 80),
    },
    right="long steps to get there, short ones to settle.",
)

# %% 4
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "It is not shown, since seeds alone move the score by more; one may keep it for its "
        "reason, a window may begin anywhere in a step, but must not report it as a gain."
    ),
)
