"""The checks of the exercises to lesson 12b · How does a network get onto a device?

Made from ``notebooks/solutions/12b_on_the_device.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils.course import selfcheck

# %% 1
selfcheck.check(
    my_bytes,
    expected=[9_450 * 32 // 8, 9_450],
    placeholder=[9_450, 9_450],
    todo="so far both need the same.",
    hints={
        "these are bits: a byte has eight of them.": [9_450 * 32, 9_450 * 8],
        "8 bits are one byte, not eight.": [9_450 * 4, 9_450 * 8],
    },
    right="a quarter; the file is larger, since it also describes the network.",
)

# %% 2
weights = np.random.default_rng(1).normal(0, 0.4, 50)
largest = np.abs(weights).max()


def by_step(step):
    """Return weights rounded to multiples of a step."""
    return np.round(weights / step) * step


selfcheck.check(
    lambda: rounded(weights),
    expected=by_step(largest / 127),
    placeholder=np.round(weights),
    todo="so far a step is worth 1, and little is left of the weights.",
    hints={
        "the integers themselves: multiply by the step again.": np.round(weights / largest * 127),
        "256 integers reach from −128 to 127: the largest weight becomes 127.": by_step(
            largest / 255
        ),
        "the step comes from the largest *absolute* weight.": by_step(weights.max() / 127)
        if weights.max() < largest
        else by_step(-weights.min() / 127),
    },
    right="no weight moved by more than half a step.",
)

# %% 3
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "The 8-bit file for the convolutional network, where the loss is less than people "
        "differ by; for the LSTM the file with weights of 8 bits and a memory in floats, since "
        "eight points are more than people differ by."
    ),
)
