"""The checks of the exercises to lesson 5 · Does depth help?

Made from ``notebooks/solutions/05_multi_lstm.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from keras import Input, Sequential

from har_utils.course import selfcheck

# %% 1
selfcheck.check(
    my_numbers,
    expected=[np.prod(layer.output.shape[1:]) for layer in model.layers],
    placeholder=[1152] * 5,
    todo="so far every layer hands on what it gets.",
    hints={
        "the first layer has an output for each of the 128 samples.": [100, 100, 128, 128, 6],
        "the second layer has an output only at the end.": [12800, 12800, 128 * 128, 128 * 128, 6],
        "dropout sets numbers to zero, but hands on all of them.": [12800, 6400, 128, 64, 6],
    },
    right="from the second LSTM on, 128 numbers have to stand for the whole window.",
)

# %% 2
turned = Sequential(
    [Input((128, 9)), layers.LSTM(128, return_sequences=True), layers.LSTM(100), layers.Dense(6)]
)
right_count = turned.count_params()
selfcheck.check(
    my_count,
    expected=right_count,
    placeholder=162_022,
    todo="the same number as in the lesson is only the placeholder.",
    hints={
        "the second LSTM gets 128 inputs per sample, not 9.": right_count - 4 * 119 * 100,
        "the dense layer sees 100 numbers now, not 128.": right_count + 28 * 6,
        "the biases of the LSTMs are missing.": right_count - 4 * 228,
    },
    right="nearly the same, although everything changed places.",
)

# %% 3
trained = np.where(chance < 0.4, 0, values / 0.6)
rarely = np.where(chance < 0.75, 0, values / 0.25)
unscaled = np.where(chance < 0.4, 0, values)
selfcheck.check(
    lambda: [
        dropout(values, 0.4, chance, training=True),
        dropout(values, 0.75, chance, training=True),
        dropout(values, 0.4, chance, training=False),
    ],
    expected=[trained, rarely, values],
    placeholder=[values, values, values],
    todo="so far nothing is ever dropped.",
    hints={
        "the right ones are dropped, but the others must grow.": [
            *(unscaled, np.where(chance < 0.75, 0, values), values)
        ],
        "when predicting, nothing may be dropped.": [trained, rarely, trained],
        "those that stay grow by the wrong factor.": [
            *(unscaled / 0.4, np.where(chance < 0.75, 0, values) / 0.75, values)
        ],
        "`rate` is not always 0.4: the caller says it.": [*(trained, trained, values)],
        "the wrong ones: a value is dropped where chance is below the rate.": [
            np.where(chance < 0.4, values / 0.6, 0),
            np.where(chance < 0.75, values / 0.25, 0),
            values,
        ],
    },
    right="this is why a network can look worse on training people than it is: part of it was "
    "hidden.",
)

# %% 4
def consistency(layer):
    """Say four things of 64 windows of ones: each is 1 if it is so.

    The first is a share: that of the cells which are hidden always or never.
    """
    there = np.asarray(layer(np.ones((64, 128, 100)), training=True)) > 0
    always_or_never = (there.all(axis=1) | ~there.any(axis=1)).mean()
    first = there[:, 0]
    same_in_windows = float(np.ptp(first.astype(int), axis=0).max() == 0)
    mixed = float((first.any(axis=1) & ~first.all(axis=1)).all())
    # where a window keeps all or none, 64 decisions are too few to count on a half
    half = float(0.4 < there.mean() < 0.6 or not mixed)
    return [always_or_never, same_in_windows, half, mixed]


selfcheck.check(
    lambda: consistency(my_layer),
    expected=[1, 0, 1, 1],
    placeholder=[0, 0, 1, 1],
    todo="so far every sample gets a decision of its own.",
    hints={
        "now all windows hide the same cells, which is more than asked for.": [1, 1, 1, 1],
        "constant in time, but not half of the cells are hidden.": [1, 0, 0, 1],
        "a window keeps all its cells or none; each cell shall have a decision of its own.": [
            *(1, 0, 1, 0)
        ],
        "this hides whole samples; single cells should be hidden.": [0, 0, 1, 0],
    },
    right="whoever wants to know whether it helps can put it into the lesson's `build_model`.",
)

# %% 5
probability = np.asarray(model(windows, training=False))[:2]
logits = np.asarray(model.layers[2](model.layers[0](windows)))[:2] @ dense[0] + dense[1]
selfcheck.check(
    lambda: [network(window, first, second, dense) for window in windows[:2]],
    expected=probability,
    placeholder=np.full((2, 6), 1 / 6),
    todo="so far all six activities are equally likely.",
    hints={"these are the numbers before softmax.": logits},
    right="that is the whole network: 256 steps, one after the other.",
    tolerance=1e-5,
)

# %% 6
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "No: these runs do not show that it helps, and the watch pays for it with every "
        "window; with more people or seeds that may change."
    ),
)
