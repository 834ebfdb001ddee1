"""What the models are called, who builds them, and what was published of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras
    from sklearn.pipeline import Pipeline

TITLES = {
    "logistic_regression": "Logistic regression",
    "linear_svc": "Linear SVC",
    "decision_tree": "Decision tree",
    "minirocket": "MiniRocket",
    "multirocket_hydra": "MultiRocket-Hydra",
}
"""What each model is called in text and figures, in the order of the report; `network` adds."""


BUILDERS: dict[str, Callable[..., keras.Model]] = {}
"""Name → builder function of every network; `network` adds."""


def network(title: str) -> Callable[[Callable], Callable]:
    """Make a builder function one of the course's networks, under the function's name.

    Parameters
    ----------
    title
        What the network is called in text and figures.
    """

    def enter(build_model: Callable[..., keras.Model]) -> Callable[..., keras.Model]:
        TITLES[build_model.__name__] = title
        BUILDERS[build_model.__name__] = build_model
        return build_model

    return enter


VARIANTS = {
    "paper": "as published",
    "published": "published scaling",
    "tuned": "tuned",
    "recipe": "new recipe",
    "unmirrored": "without mirroring",
    "loso": "leave one subject out",
    "unmirrored_loso": "leave one subject out, without mirroring",
    "twelve": "twelve activities",
    "ensemble": "ensemble",
}
"""What each variant is called behind a model's title."""


UNMIRRORED = "modern@unmirrored"
"""The course's own network without the idea that came from looking at test subjects."""


CLASSICAL = ("logistic_regression", "linear_svc", "decision_tree")
"""The models on the 561 features."""


HYPERPARAMETERS = {"logistic_regression": "C", "linear_svc": "C", "decision_tree": "max_depth"}
"""What is chosen of each of them."""


CONVOLUTIONS = ("minirocket", "multirocket_hydra")
"""The models with random convolutions (`har_utils.models.rocket`), on the raw windows."""


NETWORKS = ("single_lstm", "multi_lstm", "cnn_1d", "cnn_lstm")
"""The source report's models on the raw windows; `BUILDERS` has all networks of the course."""


PARAMETERS = {
    "single_lstm": 71_942,
    "multi_lstm": 162_022,
    "cnn_1d": 423_652,
    "cnn_lstm": 118_702,
}
"""How many parameters the source report's networks have, batch-norm statistics included."""


def _published(*scores: float) -> dict[str, float]:
    """Return published scores as fractions; the source gives only an accuracy for some models."""
    names = ("accuracy", "macro_f1", "macro_precision", "macro_recall")
    return dict(zip(names, scores, strict=False))


PUBLISHED = {
    "logistic_regression": _published(0.9583),
    "linear_svc": _published(0.9667),
    "decision_tree": _published(0.8717),
    "single_lstm": _published(0.9091, 0.9081, 0.9119, 0.9047),
    "multi_lstm": _published(0.9205, 0.9215, 0.9217, 0.9214),
    "cnn_1d": _published(0.9152, 0.9159, 0.9166, 0.9152),
    "cnn_lstm": _published(0.9237, 0.9244, 0.9244, 0.9244),
}
"""The scores the source report gives for its models."""


def title(name: str) -> str:
    """Return a run's name as people read it: ``cnn_1d@paper`` → ``1D-CNN (as published)``.

    What a model does without needs no brackets: ``Modern CNN without mirroring``.
    """
    model, _, variant = name.partition("@")
    shown, how = TITLES.get(model, model), VARIANTS.get(variant, variant)
    if not variant:
        return shown
    return f"{shown} {how}" if how.startswith("without ") else f"{shown} ({how})"


def classical(name: str, value: float) -> Pipeline:
    """Return a new classical model of notebook 3, with the scaler in front of it.

    Parameters
    ----------
    name
        One of `CLASSICAL`.
    value
        Of its hyperparameter (`HYPERPARAMETERS`): ``C``, or the depth of the tree.

    Raises
    ------
    ValueError
        If there is no classical model of that name.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler
    from sklearn.svm import LinearSVC
    from sklearn.tree import DecisionTreeClassifier

    if name == "logistic_regression":
        model = LogisticRegression(C=value, solver="newton-cg", max_iter=1000)
    elif name == "linear_svc":
        model = LinearSVC(C=value, tol=5e-5, dual=False)
    elif name == "decision_tree":
        model = DecisionTreeClassifier(max_depth=int(value), random_state=0)
    else:
        raise ValueError(f"no classical model is called {name!r}; there are {', '.join(CLASSICAL)}")
    return make_pipeline(MinMaxScaler((-1, 1)), model)
