"""The checks of the exercises to lesson 3 · How far do hand-made features go, and is the number honest?

Made from ``notebooks/solutions/03_classical_baselines.ipynb``. Reading on tells you the answers.
"""

# ruff: noqa
# fmt: off

from har_utils.course import selfcheck

# %% 1
official = learn.features[: len(body_acc), features.NAMES.index("tBodyAcc-sma()")]
selfcheck.check(
    lambda: [sma(window) for window in body_acc],
    expected=official,
    placeholder=np.abs(body_acc[:, :, 0]).mean(axis=1),
    todo="so far only the first axis counts.",
    hints={
        "added over samples, averaged over axes: it is the other way round.": official * 128 / 3,
        "a third of it: add the axes up instead of averaging them.": official / 3,
        "ups and downs cancel: sizes are asked for.": body_acc.sum(axis=2).mean(axis=1),
        "too much by the number of samples: the mean, not the sum.": official * 128,
        "this is the length of the vector, which is another feature.": np.linalg.norm(
            body_acc, axis=2
        ).mean(axis=1),
    },
    right="the column of the published data set, in one line.",
    tolerance=1e-5,
)

# %% 2
known, new = learn.features, validate.features
honest = MinMaxScaler((-1, 1)).fit(known).transform(new)
outside = np.mean(np.abs(honest).max(axis=1) > 1)
selfcheck.check(
    lambda: scale(known, new),
    expected=honest,
    placeholder=new,
    todo="so far nothing is scaled.",
    hints={
        "0 to 1, but the range from −1 to 1 is asked for.": (honest + 1) / 2,
        "this scaler has looked at the new people.": features.scale_as_published(new),
        "this scaler has looked at everybody together.": features.scale_as_published(
            np.vstack([known, new])
        )[len(known) :],
    },
    right=f"{100 * outside:.0f} % of the validation windows have a feature outside −1 … 1. That "
    f"is no "
    "mistake: it is what new people are like, and what the leak would have hidden.",
)

# %% 3
library = NearestCentroid().fit(known, learn.labels).predict(new)
lazy = np.full(len(new), np.bincount(learn.labels).argmax())
selfcheck.check(
    lambda: nearest_centroid(known, learn.labels, new),
    expected=library,
    placeholder=lazy,
    todo=f"so far everything gets the commonest label, which is right in "
    f"{100 * np.mean(lazy == validate.labels):.0f} %.",
    right=f"{100 * np.mean(library == validate.labels):.0f} % of the windows of people it has "
    f"never seen, "
    "from six points.",
)

# %% 4
drop = recalls(np.full(561, True)) - recalls(~has_gravity)
hardest = dataset.ACTIVITIES[drop.argmax()]
selfcheck.check(
    my_activity,
    expected=hardest,
    placeholder="WALKING",
    todo="*walking* is only the placeholder. Is gravity what gives it away?",
    right=f"its recall falls by {100 * drop.max():.0f} points. The easiest activity of all was "
    "easy for one reason only.",
)

# %% 5
examples = body_acc[:20]
coefficients = features.autoregression(examples)[:, 0]
two = features.autoregression(examples, 2)[:, 0]
centred = examples - examples.mean(axis=1, keepdims=True)
selfcheck.check(
    lambda: [np.append(burg(window[:, 0]), burg(window[:, 0], 2)) for window in examples],
    expected=np.hstack([coefficients, two]),
    placeholder=np.zeros((20, 6)),
    todo="so far a sample says nothing about the next one.",
    hints={
        "all signs are turned round.": -np.hstack([coefficients, two]),
        "`order` is ignored: two coefficients were asked for, too.": np.hstack(
            [coefficients, coefficients]
        ),
        "the leading 1 is still there.": np.hstack(
            [np.insert(each, 0, 1, axis=1) for each in (coefficients, two)]
        ),
        "correct, but the mean was taken out first.": np.hstack(
            [features.autoregression(centred, order)[:, 0] for order in (4, 2)]
        ),
    },
    right="four numbers that say how a movement goes on.",
)

# %% 6
selfcheck.judge(
    my_answer,
    placeholder="…",
    model=(
        "Their customers are people the model has not met, and only subject folds ask how it "
        "does for such people; the higher number holds for those who were in the training."
    ),
)
