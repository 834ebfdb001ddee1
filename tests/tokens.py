"""What a sentence says, without how: its numbers, names and directions, in order."""

import re

from har_utils import dataset, models, words

DIRECTIONS = (
    *("ahead", "apart", "above", "below", "inside", "outside", "more", "less"),
    *("fewer", "gains", "loses", "falls", "rises", "lower", "higher", "highest"),
    *("lowest", "often", "nothing", "exactly", "worst", "best", "fewest", "most", "behind"),
)
"""Words that say which way a difference goes."""

NAMES = sorted(
    [
        *map(words.the, (*models.TITLES, models.UNMIRRORED)),
        *map(words.activity_name, dataset.ACTIVITIES),
        *words.WORDS,
        *DIRECTIONS,
        "none",
    ],
    key=len,
    reverse=True,
)
TOKEN = re.compile(
    r"(?<!\w)(?:" + "|".join(map(re.escape, NAMES)) + r"|[−+]?\d+(?:,\d{3})*"
    r"(?:\.\d+)?)(?!\w)",
    re.IGNORECASE,
)


def tokens(text):
    """Return the numbers, names, small numbers in words and directions of a text, in order."""
    return [
        found.replace(",", "") if found[0].isdigit() else found
        for found in (match[0] for match in TOKEN.finditer(text))
    ]


def lowered(text):
    """Return the same in small letters, for what may begin a sentence."""
    return [token.lower() for token in tokens(text)]
