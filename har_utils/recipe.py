"""How a network is trained: everything there is to choose besides its architecture."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

ALWAYS_TOLD = ("batch_size", "max_epochs", "learning_rate")
"""Settings that are written down even where they have their usual values."""


@dataclass(frozen=True)
class Recipe:
    """The settings of a training.

    Parameters
    ----------
    batch_size
        Windows per step.
    max_epochs
        The most epochs to try, or the number of epochs where none is chosen.
    learning_rate
        Step size of the optimiser, Adam; with ``cosine`` the one it starts from.
    choose_epochs
        Keep the epoch with the lowest loss on held-out subjects; otherwise always train for
        ``max_epochs`` and take the last.
    cosine
        Let the learning rate fall to zero along half a cosine over the whole training
        (Loshchilov & Hutter 2017, "SGDR").
    weight_decay
        Fraction of every weight, times the learning rate, that is taken away at each step
        (Loshchilov & Hutter 2019, "Decoupled weight decay regularization").
    label_smoothing
        Share of each target that is spread evenly over all activities.
    shifting
        Let training windows begin anywhere between their own first sample and the next window's.
    rotation
        Standard deviation, in degrees, of a random rotation of every training window.
    scaling
        Standard deviation of a random factor around 1 on every training window.
    mirroring
        Share of the training windows that are shown as if the phone were on the other hip.
    distillation
        Share of each target that comes from the teachers instead of the label, if there are any
        (Hinton, Vinyals & Dean 2015, "Distilling the knowledge in a neural network").
    """

    batch_size: int = 32
    max_epochs: int = 8
    learning_rate: float = 0.001
    choose_epochs: bool = True
    cosine: bool = False
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    shifting: bool = False
    rotation: float = 0.0
    scaling: float = 0.0
    mirroring: float = 0.0
    distillation: float = 0.0

    @property
    def alters(self) -> bool:
        """Whether training windows or their labels are changed on their way to the network."""
        return any(
            (
                *(self.label_smoothing, self.distillation),
                *(self.shifting, self.rotation, self.scaling, self.mirroring),
            )
        )

    def settings(self) -> dict[str, Any]:
        """Return what distinguishes the recipe: the basic settings and all that are unusual."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name in ALWAYS_TOLD or getattr(self, field.name) != field.default
        }


MODERN = Recipe(
    batch_size=64,
    max_epochs=40,
    learning_rate=0.002,
    choose_epochs=False,
    cosine=True,
    weight_decay=0.01,
    shifting=True,
    rotation=15.0,
    scaling=0.1,
    mirroring=0.2,
)
"""How the course's own network is trained, and the variants called "recipe"."""

SMALL = replace(MODERN, learning_rate=0.004, distillation=0.9)
"""How the small network is trained: with longer steps, and as a student of the large one."""

TINY = replace(SMALL, learning_rate=0.006)
"""The same for the tiny one."""

INTEGER = replace(MODERN, learning_rate=0.004)
"""How the network for integers is trained: on the labels alone."""

TEACHER = "modern"
"""The network that those trained with ``distillation`` imitate."""

OWN = {
    "modern": MODERN,
    "modern_small": SMALL,
    "modern_tiny": TINY,
    "modern_integer": INTEGER,
}
"""The networks of this course that have a recipe of their own."""

LEFT_OUT: dict[str, str | None] = {"loso": None, "unmirrored_loso": "unmirrored"}
"""The variants that leave one person out at a time, everybody in turn, and the one that each is
trained as otherwise."""

POOLED = (*LEFT_OUT, "twelve")
"""The variants that hold everybody out once; their folds are put together and scored as one."""


def is_student(model: str) -> bool:
    """Return whether a network imitates others."""
    return model in OWN and OWN[model].distillation > 0


def for_run(model: str, variant: str | None, batch_size: int, max_epochs: int) -> Recipe:
    """Return how a run is trained.

    Parameters
    ----------
    model
        The network's name; those in `OWN` have their own recipe, without its mirroring as the
        variant "unmirrored".
    variant
        None: at most ``max_epochs``, the number chosen on held-out subjects. "paper": exactly
        ``max_epochs``, as the source report trained. Those of `POOLED`: exactly as many, too, for
        whoever is left out must not choose. "recipe": as the course's own networks.
    batch_size
        Windows per step.
    max_epochs
        As said.
    """
    if model in OWN:
        own = replace(OWN[model], batch_size=batch_size, max_epochs=max_epochs)
        trained_as = LEFT_OUT.get(variant, variant) if variant else None
        return replace(own, mirroring=0.0) if trained_as == "unmirrored" else own
    if variant == "recipe":
        return replace(MODERN, batch_size=batch_size, max_epochs=max_epochs)
    given = variant == "paper" or variant in POOLED
    return Recipe(batch_size=batch_size, max_epochs=max_epochs, choose_epochs=not given)
