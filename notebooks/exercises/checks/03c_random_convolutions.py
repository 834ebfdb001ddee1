"""The checks of the exercises to lesson 3c · How far do kernels go that nobody trained?

Made from ``notebooks/solutions/03c_random_convolutions.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils.course import selfcheck

# %% 1
selfcheck.check(
    n_kernels,
    expected=126,
    placeholder=84,
    todo="84 is the number with three large weights.",
    hints={
        "that is the number of ordered choices: 1, 2, 3, 4 and 4, 3, 2, 1 are one kernel.": 3024,
        "that is four of eight; a kernel has nine weights.": 70,
        "that is every kernel of two kinds of weights, whatever their number.": 512,
    },
    right="with five weights of -1, the four large ones must be 1.25 to be blind to gravity.",
)

# %% 2
biases = np.quantile(answers, [0.2, 0.5, 0.9])
expected = np.stack([(answers > bias).mean(axis=1) for bias in biases], axis=1)
selfcheck.check(
    lambda: shares(answers, biases),
    expected=expected,
    placeholder=np.zeros(expected.shape),
    todo="so far every share is 0.",
    hints={
        "those are the shares below the bias.": 1 - expected,
        "those are numbers of samples; divide by how many there are.": expected * 128,
        "windows and biases have changed places: windows are rows.": expected.T,
        "that is the mean answer, not the share of samples.": answers.mean(axis=1),
    },
    right="a window is a row of such shares, one for each kernel and line.",
)

# %% 3
def runs(above):
    """Return the lengths of all stretches of true values."""
    return [len(part) for part in "".join("x" if now else " " for now in above).split()]


rows = [[1, 1, 0, 1, 1, 1, 0, 1], [0] * 8, [0, 1, 0, 0, 0, 1, 1, 0], [1] * 8]
selfcheck.check(
    lambda: np.array([longest_run(row) for row in rows]),
    expected=np.array([max(runs(row), default=0) for row in rows]),
    placeholder=np.zeros(4),
    todo="so far every run is 0 long.",
    hints={
        "that is the number of true values, not the longest stretch.": [sum(r) for r in rows],
        "that is the *last* stretch.": [(runs(row) or [0])[-1] for row in rows],
        "that is the *first* stretch.": [(runs(row) or [0])[0] for row in rows],
        "that is the number of stretches.": [len(runs(row)) for row in rows],
    },
    right="and at 0 a window may be quiet or far from the line: the other questions tell.",
)

# %% 4
def fitted(inputs, targets, penalty):
    """Return the weights of ridge regression."""
    gram = inputs.T @ inputs + penalty * np.eye(inputs.shape[1])
    return np.linalg.solve(gram, inputs.T @ targets)


others = [np.arange(len(targets)) != left_out for left_out in range(len(targets))]
expected = np.array(
    [targets[~o] - inputs[~o] @ fitted(inputs[o], targets[o], 0.5) for o in others]
).ravel()
residuals = targets - inputs @ fitted(inputs, targets, 0.5)
selfcheck.check(
    lambda: errors_left_out(inputs, targets, 0.5),
    expected=expected,
    placeholder=np.zeros(len(targets)),
    todo="so far every error is 0.",
    hints={
        "that is the fit with everybody: divide by 1 minus the leverage.": residuals,
        "the sign is turned round: truth minus prediction.": -expected,
        "those are the squares; the errors were asked for.": expected**2,
    },
    right="sixty fits would have given the same, and this was one.",
)

# %% 5
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "No: neighbouring windows share half of their samples and are of one person, so the "
        "one left out is hardly new; only people who were left out whole give an honest score."
    ),
)
