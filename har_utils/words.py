"""Numbers, lists and names in words, one style everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable

from har_utils import models

SPACE = "\N{NO-BREAK SPACE}"
"""Between a number and its unit, so that no line breaks there."""


MISSING = "–"
"""What stands where there is no number."""


WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
"""Small numbers as words."""


NEAR_ZERO = 0.0005
"""An end of an interval, as a fraction, that would be 0.0 with one digit."""


def percent(fraction: float | None, digits: int = 1) -> str:
    """Return a fraction as a percentage with its sign: ``0.924`` → ``92.4 %``."""
    shown = decimal(None if fraction is None else 100 * fraction, digits)
    return shown if shown == MISSING else f"{shown}{SPACE}%"


def points(fraction: float, digits: int = 1) -> str:
    """Return the size of a difference of two fractions: ``-0.012`` → ``1.2 points``."""
    shown = decimal(abs(100 * fraction), digits)
    return f"{shown}{SPACE}point{'' if shown == decimal(1, digits) else 's'}"


def decimal(value: float | None, digits: int = 1) -> str:
    """Return a number with a fixed number of decimals and a real minus; a dash if there is none."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:.{digits}f}"
    return minus(text) if float(text) != 0 else text.lstrip("-")


def minus(text: str) -> str:
    """Return a number's text with a real minus sign: ``-1e-3`` → ``−1e−3``."""
    return text.replace("-", "−")


def signed(value: float, digits: int = 1) -> str:
    """Return a number that shows its sign: ``1.24`` → ``+1.2``."""
    return minus(f"{value:+.{digits}f}")


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits: ``0.34567`` → ``0.346``."""
    return minus(f"{value:#.{digits}g}".removesuffix("."))


def span(low: float, high: float) -> str:
    """Return the ends of an interval in per cent or points: ``0.899, 0.946`` → ``89.9 to 94.6``.

    Two digits where one would hide on which side of zero an end lies.
    """
    digits = 2 if 0 < min(abs(low), abs(high)) < NEAR_ZERO else 1
    return f"{decimal(100 * low, digits)} to {decimal(100 * high, digits)}"


def at_most(fraction: float, digits: int = 1) -> str:
    """Return a bound on a loss that is never rounded down: ``0.00131`` → ``0.2 points``."""
    scale = 10 ** (digits + 2)
    return points(math.ceil(round(scale * fraction, 6)) / scale, digits)


def grouped(number: int | float | None) -> str:
    """Return a whole number in groups of three digits, a dash if there is none: ``10,299``."""
    if number is None or not math.isfinite(number):
        return MISSING
    return f"{round(number):,}"


def word(number: int) -> str:
    """Return a small whole number as a word, a large one in digits."""
    return WORDS[number] if 0 <= number < len(WORDS) else grouped(number)


def listing(items: Iterable[str], joint: str = "and") -> str:
    """Return items as one phrase: ``a``, ``a and b``, ``a, b and c``."""
    *first, last = list(items)
    return f"{', '.join(first)} {joint} {last}" if first else last


def sentence(text: str) -> str:
    """Return text with a capital letter in front and a full stop behind."""
    return f"{text[0].upper()}{text[1:].rstrip('.')}."


def the(name: str) -> str:
    """Return a model as a sentence names it: ``linear_svc`` → ``the linear SVC``.

    Names that their authors gave stand alone: ``MiniRocket``.
    """
    title = models.title(name)
    if name in models.CONVOLUTIONS:
        return title
    is_word = title.split()[0][1:].islower()  # not CNN
    return f"the {title[0].lower() + title[1:] if is_word else title}"


def activity_name(activity: str) -> str:
    """Return an activity as a sentence names it: ``WALKING_UPSTAIRS`` → ``walking upstairs``."""
    return {"LAYING": "lying"}.get(activity, activity.replace("_", " ").lower())


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return a counted noun: ``plural(1, "pair")`` → ``one pair``."""
    return f"{word(number)} {one if number == 1 else many or one + 's'}"


def models_listed(names: Iterable[str], joint: str = "and") -> str:
    """Return models as one phrase: ``the linear SVC and the 1D-CNN``."""
    return listing(map(the, names), joint)
