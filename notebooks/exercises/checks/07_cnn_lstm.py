"""The checks of the exercises to lesson 7 · Do convolution and memory together do better?

Made from ``notebooks/solutions/07_cnn_lstm.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils.course import selfcheck

# %% 1
changes = {
    name: float(np.abs(reader(windows) - reader(windows[:, order])).max())
    for name, reader in readers.items()
}
selfcheck.check(
    my_layer,
    expected=min(changes, key=changes.get),
    placeholder="LSTM",
    todo='"LSTM" is only the placeholder. Choose one of: ' + ", ".join(readers),
    hints={"flatten puts every place on a line of its own, with weights of its own.": "flatten"},
    right="a mean is a mean in any order. So it is for the convolutions before it to notice what "
    "comes after what.",
)

# %% 2
kept = [layer for place, layer in enumerate(model.layers) if place != 4]
without = Sequential([Input((128, 9)), *(type(k).from_config(k.get_config()) for k in kept)])
work = [models.layer_multiply_adds(lstm) for lstm in (without.layers[4], model.layers[5])]
selfcheck.check(
    my_factors,
    expected=[without.count_params() / model.count_params(), work[0] / work[1]],
    placeholder=[1, 1],
    todo="so far nothing changes. Of how many steps would the series be that the LSTM reads?",
    hints={
        "does an LSTM need other weights for a longer series?": [2, 2],
        "twice the steps, but each of them costs what it did before.": [1, 4],
    },
    right="parameters do not know how often they are used; the clock does.",
)

# %% 3
expected = [models.layer_multiply_adds(layer) for layer in (first, second, lstm, dense)]
selfcheck.check(
    lambda: [
        convolution_work(128, 3, 9, 64),
        convolution_work(64, 3, 64, 128),
        lstm_work(32, 128, 100),
        dense_work(100, 6),
    ],
    expected=expected,
    placeholder=[128 * 64, 64 * 128, 32 * 100, 6],
    todo="so far this counts what comes out: two convolutions, an LSTM, a dense layer.",
    hints={"an LSTM has four parts, not one.": [*expected[:2], expected[2] / 4, expected[3]]},
    right=f"{sum(expected):,} in all, and the LSTM has {100 * (expected[2] / sum(expected)):.0f} "
    f"% of them.",
)

# %% 4
def saving():
    """Return how many times cheaper the network is; 0 if it is no longer the same kind."""
    mine = build_model()
    kinds = [[type(layer).__name__ for layer in network.layers] for network in (mine, model)]
    shapes = (mine.input_shape, mine.output_shape) == ((None, 128, 9), (None, 6))
    ends = mine.layers[-1].activation.__name__ == "softmax"
    alike = kinds[0] == kinds[1] and shapes and ends
    return alike * models.multiply_adds(model) / models.multiply_adds(mine)


selfcheck.reaches(
    saving,
    bar=10,
    placeholder=1,
    todo="so far it is the network of the lesson.",
    right="whether it still recognises anything is for training to say: put it into the lesson, "
    "and let the *validation* subjects judge.",
)

# %% 5
weights = [layer.get_weights() for layer in (first, second, lstm, dense)]


def without_relu(window):
    """Return what comes out if both ReLUs are forgotten."""
    series = max_pool(convolve_same(window, *weights[0]))
    series = max_pool(convolve_same(series, *weights[1]))
    scores = np.exp(lstm_reads(series, *weights[2]) @ weights[3][0] + weights[3][1])
    return scores / scores.sum()


probability = np.asarray(model(windows, training=False))
selfcheck.check(
    lambda: [network(window, *weights) for window in windows],
    expected=probability,
    placeholder=np.full((5, 6), 1 / 6),
    todo="so far all six activities are equally likely.",
    hints={"something is missing behind the convolutions.": [without_relu(w) for w in windows]},
    right="the whole network in NumPy, without a library for learning.",
    tolerance=1e-5,
)

# %% 6
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "No: a name given to nearly everything finds its own windows as well, so the recall "
        "says nothing; its precision shows that the network no longer recognises it."
    ),
)
