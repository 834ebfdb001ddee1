"""The checks of the exercises to lesson 4 · Can a network read the raw windows?

Made from ``notebooks/solutions/04_single_lstm.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from keras import Input, Sequential, layers

from har_utils.course import selfcheck

# %% 1
ignorant = np.full((1, 6), 1 / 6)
truth = np.eye(6)[:1]
selfcheck.check(
    my_loss,
    expected=float(keras.losses.categorical_crossentropy(truth, ignorant)[0]),
    placeholder=1.0,
    todo="1 is only the placeholder.",
    hints={
        "a loss is positive: there is a minus in front of the logarithm.": np.log(1 / 6),
        "that is the logarithm to base 10.": -np.log10(1 / 6),
        "that is the logarithm to base 2.": -np.log2(1 / 6),
    },
    right="a network whose loss stays above it is worse than one that does not look.",
    tolerance=0.005,
)

# %% 2
half = Sequential([Input((128, 9)), layers.LSTM(64), layers.BatchNormalization(), layers.Dense(6)])
selfcheck.check(
    my_count,
    expected=half.count_params(),
    placeholder=71_942 // 2,
    todo="half the cells, half the parameters? It is not that simple.",
    hints={
        "the LSTM is right, the two layers behind it are missing.": half.layers[0].count_params(),
        "256 too few: the biases of the LSTM, or batch normalisation?": half.count_params() - 256,
        "the bias of the dense layer is missing.": half.count_params() - 6,
        "a quarter? Only weights from cells to cells shrink that much.": 71_942 // 4,
        "a quarter? Only weights from cells to cells shrink so much.": 71_942 / 4,
    },
    right="little more than a quarter. Cells look at one another, so weights grow with their "
    "square.",
)

# %% 3
def half_life(bias):
    """Return the number of samples after which half of the memory is left."""
    return np.log(0.5) / np.log(sigmoid(bias))


share = 0.5 ** (1 / 128)
bias = np.log(share / (1 - share))
selfcheck.check(
    my_bias,
    expected=bias,
    placeholder=1.0,
    todo=f"with a bias of 1, half is gone after {half_life(1.0):.1f} samples.",
    hints={
        "with this bias, half is gone after a single sample.": 0.0,
        "this bias is on the wrong side of zero: the gate would be nearly shut.": -bias,
    },
    right="about 5.2, far from where training starts. Small steps must carry it there.",
    tolerance=0.01,
)

# %% 4
def other_order(*order):
    """Return what Keras says if the four parts change places."""
    mistaken = layers.LSTM(16)
    mistaken.build((None, 128, 9))
    moved = [parts[place] for place in order]
    mistaken.set_weights([np.concatenate(weights, axis=-1) for weights in zip(*moved, strict=True)])
    return np.asarray(mistaken(windows))[0]


def sigmoid_of(x):
    """Return a number between 0 and 1."""
    return 1 / (1 + np.exp(-x))


def with_mistake(of_new=np.tanh, of_memory=np.tanh, shows_old=False):
    """Return what a step reads that puts new content or memory through another function."""

    def step(sample, output, memory, *parts):
        input_gate, forget_gate, candidate, output_gate = (
            sample @ w + output @ u + b for w, u, b in parts
        )
        fresh = sigmoid_of(forget_gate) * memory + sigmoid_of(input_gate) * of_new(candidate)
        return sigmoid_of(output_gate) * of_memory(memory if shows_old else fresh), fresh

    return read(windows[0], step, parts, 16)


layer = layers.LSTM(16)
from_keras = np.asarray(layer(windows))[0]
parts = parts_of(layer)
selfcheck.check(
    lambda: read(windows[0], lstm_step, parts, 16),
    expected=from_keras,
    placeholder=np.zeros(16),
    todo="so far nothing is read: output and memory stay zero.",
    hints={
        "have forget gate and input gate changed places?": other_order(1, 0, 2, 3),
        "have input gate and output gate changed places?": other_order(3, 1, 2, 0),
        "have forget gate and output gate changed places?": other_order(0, 3, 2, 1),
        "the new content goes through `np.tanh`, not through `sigmoid`.": with_mistake(sigmoid_of),
        "the output shows `np.tanh` of the memory, not the memory itself.": with_mistake(
            of_memory=lambda memory: memory
        ),
        "the output shows the *new* memory, not the old one.": with_mistake(shows_old=True),
    },
    right="what Keras computes, up to rounding.",
    tolerance=1e-5,
)

# %% 5
gru = layers.GRU(16, bias_initializer="glorot_uniform")
from_keras = np.asarray(gru(windows))[0]
lstm = layers.LSTM(16)
lstm.build((None, 128, 9))


def read_with_gru():
    """Return the output after the step above has read a window."""
    output = np.zeros(16)
    for sample in windows[0]:
        output = gru_step(sample, output, *gru.get_weights())
    return output


selfcheck.check(
    read_with_gru,
    expected=from_keras,
    placeholder=np.zeros(16),
    todo="so far nothing is read: the output stays zero.",
    right=f"{gru.count_params():,} parameters; an LSTM of as many cells has "
    f"{lstm.count_params():,}.",
    tolerance=1e-5,
)

# %% 6
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "The first one, or both with the number of looks: the second was chosen because it "
        "suited these nine people, so it no longer tells how the network does for others."
    ),
)
