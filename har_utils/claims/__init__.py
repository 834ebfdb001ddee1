"""Sentences that state results, made from the results, so that a rerun changes what is said.

Lessons say them of what they have just computed, the report of its whole `Material`: each claim
enters itself for that (``registry.claim``) with what it is made from. Its words lie in the YAML
file beside its module. One rule holds throughout: **no model is called better than another unless
everybody left out in turn decides so**; the nine test people describe. Numbers are in per cent; a
difference of two percentages is in points.
"""

from har_utils.claims.mistakes import (
    at_transitions,
    hardest_activity,
    hardest_subject,
    most_confused,
)
from har_utils.claims.outside import (
    MEASURED,
    WORN,
    by_rounding,
    circumstance,
    conditions,
    losses,
)
from har_utils.claims.people import aims, people, people_short, scores, small_file, worst
from har_utils.claims.ranking import (
    best_network,
    coverage,
    decided_pairs,
    features_or_networks,
    left_out_pairs,
    network_pairs,
    over_everybody,
    random_convolutions,
    ranking_allowed,
    retrained,
    second_opinion,
)
from har_utils.claims.registry import CLAIMS, claim, everything
from har_utils.claims.source import SAME_WINDOWS, TOLERANCE, published_work, reproduction
from har_utils.claims.training import epochs_kept, taken_away

__all__ = [
    "CLAIMS",
    "MEASURED",
    "SAME_WINDOWS",
    "TOLERANCE",
    "WORN",
    "aims",
    "at_transitions",
    "best_network",
    "by_rounding",
    "circumstance",
    "claim",
    "conditions",
    "coverage",
    "decided_pairs",
    "epochs_kept",
    "everything",
    "features_or_networks",
    "hardest_activity",
    "hardest_subject",
    "left_out_pairs",
    "losses",
    "most_confused",
    "network_pairs",
    "over_everybody",
    "people",
    "people_short",
    "published_work",
    "random_convolutions",
    "ranking_allowed",
    "reproduction",
    "retrained",
    "scores",
    "second_opinion",
    "small_file",
    "taken_away",
    "worst",
]
