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
        "nothing was divided by the square root of a key's length.": softmax(products),
        "divide by the square root of four numbers, not by four.": softmax(scores / 2),
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
unscaled, past = look @ looked_at.T, np.tri(6, dtype=bool)
scores = unscaled / 3
hidden = np.where(past, scores, -np.inf)
later, zeros = np.where(past.T, scores, -np.inf), np.where(past, scores, 0)
too_late, long = past * softmax(scores, axis=1), np.where(past, unscaled, -np.inf)
selfcheck.check(
    lambda: weights_of_the_past(look, looked_at),
    expected=softmax(hidden, axis=1),
    placeholder=softmax(scores, axis=1),
    todo="so far every moment looks at those to come, too.",
    hints={
        "here a moment sees itself and what comes after it.": softmax(later, axis=1),
        "rows no longer sum to one: hide scores before the softmax.": too_late,
        "a score of 0 still gets a weight; `-np.inf` gets none.": softmax(zeros, axis=1),
        "the columns sum to one instead of the rows: `axis=1`.": softmax(hidden, axis=0),
        "divide by the square root of a key's length.": softmax(long, axis=1),
    },
    right="the first moment sees itself only, the last one everything.",
)

# %% 3
given = np.random.default_rng(8).normal(size=(7, 6))


def encoding(first=0, spread=2, waves=(np.sin, np.cos)):
    """Return sine and cosine of each place in turns, like the moments given."""
    angle = np.outer(first + np.arange(7), 10_000.0 ** (-spread * np.arange(3) / 6))
    return np.stack([wave(angle) for wave in waves], axis=2).reshape(7, 6)


place = encoding()
selfcheck.check(
    lambda: with_place(given),
    expected=given + place,
    placeholder=given,
    todo="so far nothing tells where in the window a moment stands.",
    hints={
        "that is the place alone; add it to the moments.": place,
        "the place should be added, not multiplied.": given * place,
        "sines and cosines take turns.": given + np.hstack([place[:, ::2], place[:, 1::2]]),
        "sines and cosines have changed places.": given + encoding(waves=(np.cos, np.sin)),
        "the first place is 0, not 1.": given + encoding(first=1),
        "the exponent is 2*i*/*d*: the 2 is missing.": given + encoding(spread=1),
        "frequencies fall from pair to pair: divide.": given + encoding(spread=-2),
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
