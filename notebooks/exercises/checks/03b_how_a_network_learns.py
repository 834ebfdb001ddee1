"""The checks of the exercises to lesson 3b · How does a network learn?

Made from ``notebooks/solutions/03b_how_a_network_learns.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

import scipy.special

from har_utils.course import selfcheck

# %% 1
selfcheck.check(
    my_loss,
    expected=-np.log(0.02),
    placeholder=1.0,
    todo="1 is only the placeholder.",
    hints={
        "a loss is positive: there is a minus in front of the logarithm.": np.log(0.02),
        "that is the logarithm to base 10.": -np.log10(0.02),
        "that is the logarithm to base 2.": -np.log2(0.02),
        "that is the probability, not the loss.": 0.02,
        "a loss of 1 − p is not the cross-entropy: take the logarithm.": 0.98,
    },
    right="nearly six times the loss of knowing nothing, log 2.",
    tolerance=0.005,
)

# %% 2
error = neuron(x, 1.0, 0.5) - truth
by_weight, by_bias = np.mean(error * x), np.mean(error)
selfcheck.check(
    lambda: np.array(gradient(x, truth, 1.0, 0.5)),
    expected=np.array([by_weight, by_bias]),
    placeholder=np.zeros(2),
    todo="so far both derivatives are 0.",
    hints={
        "the sign is turned round: it is the answer minus the truth.": [-by_weight, -by_bias],
        "weight and bias have changed places.": [by_bias, by_weight],
        "those are sums over the windows; the loss is a mean.": [np.sum(error * x), np.sum(error)],
        "in the weight's derivative each error is multiplied by its x.": [by_bias, by_bias],
    },
    right="it agrees with what moving the parameters a little would show.",
)

# %% 3
def walk(n_steps, sign=-1, one_after_the_other=False):
    """Return where some steps of gradient descent lead."""
    w, b = 0.0, 0.0
    for _ in range(n_steps):
        error = neuron(x, w, b) - truth
        w += sign * np.mean(error * x)
        if one_after_the_other:
            error = neuron(x, w, b) - truth
        b += sign * np.mean(error)
    return np.array([w, b])


selfcheck.check(
    lambda: np.array(ten_steps(x, truth)),
    expected=walk(10),
    placeholder=np.zeros(2),
    todo="so far no step is taken.",
    hints={
        "those are steps uphill: the gradient is subtracted.": walk(10, sign=1),
        "that is one step, not ten.": walk(1),
        "that is one step too few.": walk(9),
        "that is one step too many.": walk(11),
        "the bias was moved with the gradient at the *new* weight.": walk(10, -1, True),
    },
    right="the same rule moves every parameter of a network.",
)

# %% 4
scores = np.array([[1.0, 2, 3, 0, -1, 4], [700, 710, 690, 0, 705, 1], [0, 3, 0, -2, 1, 1]])
# Too far apart for one number to serve both rows, and too far from the first one's mean.
apart = np.array([[-900.0, 900, *4 * [-900]], [-901, -900, -902, -900, -903, -900]])
scores = np.vstack([scores, apart])
columns = scipy.special.softmax(scores, axis=0)
everything = scipy.special.softmax(scores)


def after_subtracting(number):
    """Return what comes out if this is subtracted first, `nan` and all."""
    with np.errstate(all="ignore"):
        raised = np.exp(scores - number)
        return raised / raised.sum(axis=1, keepdims=True)


selfcheck.check(
    lambda: softmax(scores),
    expected=scipy.special.softmax(scores, axis=1),
    placeholder=np.full(scores.shape, 1 / 6),
    todo="so far all activities are equally probable.",
    hints={
        "the *columns* add up to 1: `axis=0` should be `axis=1`.": columns,
        "all numbers together add up to 1; each row should.": everything,
        "scores this large overflow: subtract a number from each row first.": after_subtracting(0),
        "subtract the largest number of each *row*; the largest of all is too large for a row that "
        "lies far below it.": after_subtracting(scores.max()),
        "neither mean nor median keeps the exponentials at 1 or below: the largest of a row may "
        "lie far above it.": after_subtracting(scores.mean(axis=1, keepdims=True)),
    },
    right="each row adds up to 1, and scores of ±900 give no `nan`.",
)

# %% 5
def joined(parts):
    """Return the derivatives by weights and bias as one table."""
    by_weights, by_bias = parts
    return np.vstack([by_weights, by_bias])


def known_gradient(bias):
    """Return the right derivatives, as one table."""
    error = scipy.special.softmax(inputs @ start + bias, axis=1) - np.eye(6)[labels]
    return np.vstack([inputs.T @ error, error.sum(axis=0)]) / len(inputs)


bias = np.linspace(-1, 1, 6)  # not zero, so that it cannot be forgotten
expected = known_gradient(bias)
selfcheck.check(
    lambda: joined(layer_gradient(inputs, labels, start, bias)),
    expected=expected,
    placeholder=np.zeros((11, 6)),
    todo="so far all derivatives are 0.",
    hints={
        "those are sums over the windows; the loss is a mean.": expected * len(inputs),
        "the sign is turned round: probability minus truth.": -expected,
        "the scores lack the bias.": known_gradient(0),
    },
    right="backpropagation starts with this error and carries it to the front.",
)

# %% 6
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "No: what is still learned holds for the training windows only, which is overfitting; "
        "keep the weights of the epoch with the lowest validation loss."
    ),
)
