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
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
"""Small numbers as words."""


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
    negative = text.startswith("-") and float(text) != 0
    return f"−{text[1:]}" if negative else text.lstrip("-")


def grouped(number: int | float) -> str:
    """Return a whole number in groups of three digits: ``10299`` → ``10 299``."""
    return f"{round(number):,}".replace(",", SPACE)


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
    """Return a model as a sentence names it: ``linear_svc`` → ``the linear SVC``."""
    title = models.title(name)
    is_word = len(title) > 1 and title[1].islower()
    return f"the {title[0].lower() + title[1:] if is_word else title}"


def activity_name(activity: str) -> str:
    """Return an activity as a sentence names it: ``WALKING_UPSTAIRS`` → ``walking upstairs``."""
    return {"LAYING": "lying"}.get(activity, activity.replace("_", " ").lower())


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return a counted noun: ``plural(1, "pair")`` → ``one pair``."""
    return f"{word(number)} {one if number == 1 else many or one + 's'}"
