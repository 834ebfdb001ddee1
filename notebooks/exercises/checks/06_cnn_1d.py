"""The checks of the exercises to lesson 6 · What does a convolution see?

Made from ``notebooks/solutions/06_cnn_1d.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from keras import Input, Sequential, layers

from har_utils.course import selfcheck

# %% 1
flat, rising = np.full(3, 7.0), np.array([4.0, 5, 6])
selfcheck.check(
    lambda: [slide(flat, my_kernel)[0], slide(rising, my_kernel)[0]],
    expected=[0, 1],
    placeholder=[7, 5],
    todo="the mean of three is neither 0 on flat ground nor 1 on a slope.",
    hints={
        "flat is right, but on this slope the answer is 2: turn it down.": [0, 2],
        "flat is right, but up and down are turned round.": [0, -1],
        "flat is right, but up and down are turned round, and it is too loud.": [0, -2],
        "flat is right, but nothing answers to the slope.": [0, 0],
    },
    right="it answers to change and ignores gravity. There is more than one such kernel.",
)

# %% 2
def pooled(pool, sizes=(2, 3, 5)):
    """Return a window pooled by several sizes, one below the other."""
    return np.vstack([pool(window, size) for size in sizes])


def with_layer(kind):
    """Return a function that pools with a layer of Keras."""
    return lambda values, size: np.asarray(kind(size)(values[np.newaxis]))[0]


selfcheck.check(
    lambda: pooled(max_pool),
    expected=pooled(with_layer(layers.MaxPooling1D)),
    placeholder=pooled(lambda values, size: values[: len(values) // size * size : size]),
    todo="so far the first sample of each group is kept, whatever it says.",
    hints={"this is the mean of each group.": pooled(with_layer(layers.AveragePooling1D))},
    right="the same as Keras for groups of 2, 3 and 5.",
)

# %% 3
same = [layers.Conv1D(4, size, padding="same") for size in (3, 5, 7)]
from_keras = np.vstack([np.asarray(layer(window[np.newaxis]))[0] for layer in same])
selfcheck.check(
    lambda: np.vstack([convolve_same(window, *layer.get_weights()) for layer in same]),
    expected=from_keras,
    placeholder=np.vstack([convolve(window, *layer.get_weights()) for layer in same]),
    todo="so far the kernels stay inside, and the answer is shorter than the window.",
    hints={
        "all zeros stand at the end; put as many before.": np.vstack(
            [
                convolve(np.pad(window, ((0, size - 1), (0, 0))), *layer.get_weights())
                for size, layer in zip((3, 5, 7), same, strict=True)
            ]
        ),
        "you repeat the first and last sample; zeros are asked for.": np.vstack(
            [
                convolve(np.pad(window, ((m, m), (0, 0)), mode="edge"), *layer.get_weights())
                for m, layer in zip((1, 2, 3), same, strict=True)
            ]
        ),
    },
    right="the same as Keras, for all three sizes.",
    tolerance=1e-5,
)

# %% 4
def measured(network):
    """Return how many samples change the first output of a network of these layers."""
    stack = [layers.Conv1D(1, s, strides=n, kernel_initializer="ones") for s, n in network]
    model = Sequential([Input((64, 1)), *stack])
    return int((np.asarray(model(np.eye(64)[:, :, np.newaxis]))[:, 0, 0] != 0).sum())


def mistaken(grown):
    """Return what comes out if a function says by what factor a layer spreads neighbours."""
    answers = []
    for network in networks:
        seen = apart = 1
        for size, stride in network:
            seen += (size - 1) * apart
            apart *= grown(size, stride)
        answers.append(seen)
    return answers


selfcheck.check(
    lambda: [receptive_field(network) for network in networks],
    expected=[measured(network) for network in networks],
    placeholder=[network[-1][0] for network in networks],
    todo="so far only the last layer counts.",
    hints={
        "you add the sizes: a second kernel of 3 adds only two neighbours.": [
            sum(size for size, _ in network) for network in networks
        ],
        "right as long as nothing is pooled: then neighbours are further apart.": [
            1 + sum(size - 1 for size, _ in network) for network in networks
        ],
        "right for strides of 1 and 2; a stride may be larger.": mistaken(
            lambda size, stride: 2 if stride > 1 else 1
        ),
        "any layer may have a stride, not only one whose size is the same.": mistaken(
            lambda size, stride: stride if size == stride else 1
        ),
    },
    right="with every pooling by two, all later layers see twice as far.",
)

# %% 5
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "The mean: it does not mind where in the window a step falls, it has far fewer "
        "weights to learn by heart, and half a point on few people may be chance."
    ),
)
