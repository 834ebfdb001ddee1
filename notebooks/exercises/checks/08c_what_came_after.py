"""The checks of the exercises to lesson 8c · What came after?

Made from ``notebooks/solutions/08c_what_came_after.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils.course import selfcheck

# %% 1
products = keys @ query
scores = products / np.sqrt(keys.shape[1])
selfcheck.check(
    my_weights,
    expected=softmax(scores),
    placeholder=[1 / 3] * 3,
    todo="so far every key weighs the same, whatever the query.",
    hints={
        "a key has four numbers; nothing was divided by the square root of four.": softmax(
            products
        ),
        "a key has four numbers; divide by the square root of four, not by four.": softmax(
            scores / 2
        ),
        "these are the scores; the softmax comes after them.": scores,
        "a softmax takes exponentials before it divides by the sum.": scores / scores.sum(),
        "these are exponentials; divide each by their sum.": np.exp(scores),
        "the best key takes all here; a softmax leaves something to the others.": [0, 0, 1],
    },
    right="the second key is longer than the third, and yet weighs less: what counts is what it "
    "shares with the query.",
    tolerance=0.005,
)

# %% 2
look, looked_at = np.random.default_rng(6).normal(size=(2, 6, 9))
unscaled = look @ looked_at.T
scores, past = unscaled / 3, np.tri(6, dtype=bool)
all_seen = softmax(scores, axis=1)
selfcheck.check(
    lambda: weights_of_the_past(look, looked_at),
    expected=softmax(np.where(past, scores, -np.inf), axis=1),
    placeholder=all_seen,
    todo="so far every moment looks at those to come, too.",
    hints={
        "the other way round: here a moment sees itself and what comes after it.": softmax(
            np.where(past.T, scores, -np.inf), axis=1
        ),
        "the weights of a row no longer sum to one: hide the scores before the softmax.": np.where(
            past, all_seen, 0
        ),
        "a score of 0 still gets a weight; one of `-np.inf` gets none.": softmax(
            np.where(past, scores, 0), axis=1
        ),
        "the columns sum to one instead of the rows: `axis=1`.": softmax(
            np.where(past, scores, -np.inf), axis=0
        ),
        "nothing was divided by the square root of how many numbers a key has.": softmax(
            np.where(past, unscaled, -np.inf), axis=1
        ),
    },
    right="the first moment sees itself only, the last one everything.",
)

# %% 3
def waves(n, d, first=0, spread=2):
    """Return sines and cosines (n, d // 2) of places from the first on."""
    turn = np.outer(np.arange(first, first + n), 10_000.0 ** (-spread * np.arange(d // 2) / d))
    return np.sin(turn), np.cos(turn)


def in_turns(sines, cosines):
    """Return columns of the one and of the other in turns."""
    return np.stack([sines, cosines], axis=2).reshape(len(sines), -1)


given = np.random.default_rng(8).normal(size=(7, 6))
sines, cosines = waves(7, 6)
selfcheck.check(
    lambda: with_place(given),
    expected=given + in_turns(sines, cosines),
    placeholder=given,
    todo="so far nothing tells where in the window a moment stands.",
    hints={
        "that is the place alone; it should be added to the moments.": in_turns(sines, cosines),
        "the place should be added, not multiplied.": given * in_turns(sines, cosines),
        "sines and cosines should take turns: 0, 2, 4, … are sines.": (
            given + np.hstack([sines, cosines])
        ),
        "sines and cosines have changed places.": given + in_turns(cosines, sines),
        "the first place is 0, not 1.": given + in_turns(*waves(7, 6, first=1)),
        "the exponent is 2*i*/*d*: the 2 is missing.": given + in_turns(*waves(7, 6, spread=1)),
        "the frequencies fall from pair to pair: divide by the power.": (
            given + in_turns(*waves(7, 6, spread=-2))
        ),
    },
    right="fast waves tell neighbours apart, slow ones the beginning from the end.",
)

# %% 4
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "I would try it, since those recordings cost nothing more and show many more people. It "
        "was worth it only if the same network without pre-training, taught by the same "
        "labels, is right less often about people who were left out of both."
    ),
)
