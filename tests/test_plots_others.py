"""Figures of people of other data sets show these values on these axes."""

import drawn
import numpy as np
import pandas as pd
import pytest
from drawn import bars, points, ticks

from har_utils import plots
from har_utils.others.trials import SETS

pytestmark = pytest.mark.usefixtures("course_style")

NAMES = list(SETS)[:2]
PEOPLE = ({"1": 0.9, "2": 0.5, "3": 0.7}, {"1": 0.35, "2": 0.8})
F1 = ({"mean": 0.7, "low": 0.6, "high": 0.75}, {"mean": 0.5, "low": 0.45, "high": 0.58})
SUMMARY = {  # the last set first: a figure keeps the order of the sets
    NAMES[place]: {
        "per_person": PEOPLE[place],
        "with_neighbours": {"accuracy": (0.72, 0.61)[place]},
        "macro_f1": F1[place],
    }
    for place in (1, 0)
}
TABLE = pd.DataFrame(
    [
        (network, name, turned, 0.1 + 0.3 * other + 0.2 * place + 0.05 * turned)
        for other, network in enumerate(("another", "this one"))
        for place, name in enumerate(NAMES)
        for turned in (False, True)
    ],
    columns=["network", "data_set", "turned", "macro_f1"],
)

BEFORE = {name: {"with_neighbours": {"accuracy": 0.4}} for name in NAMES}

FIGURES = {
    "two_attempts": lambda: plots.other_people(SUMMARY, BEFORE),
    "other_people": lambda: plots.other_people(SUMMARY),
    "before_and_after_turning": lambda: plots.before_and_after_turning(TABLE, SUMMARY, "this one"),
}


def test_other_people_draws_each_person_and_the_accuracy_of_their_set():
    [axis] = FIGURES["other_people"]().axes
    for place, (people, group) in enumerate(zip(PEOPLE, axis.lines, strict=True)):
        percent = [round(100 * accuracy, 6) for accuracy in sorted(people.values())]
        assert [y for _, y in points(group)] == percent
        assert all(round(x) == place for x, _ in points(group))
    means = [line.get_segments()[0].tolist() for line in axis.collections]
    assert [mean[0][1] for mean in means] == pytest.approx([72, 61])
    assert [round((mean[0][0] + mean[1][0]) / 2, 6) for mean in means] == [0, 1]
    assert ticks(axis.xaxis) == {
        place: f"{SETS[name].title}\n{SETS[name].placement}" for place, name in enumerate(NAMES)
    }
    assert axis.get_ylabel() == "accuracy (%)"


def test_other_people_draws_the_attempt_before_in_grey_and_says_so():
    [axis] = FIGURES["two_attempts"]().axes
    means = [line.get_segments()[0][0][1] for line in axis.collections]
    assert means == pytest.approx([40, 72, 40, 61])
    assert [text.get_text() for text in axis.get_legend().get_texts()] == [
        "all windows, attempt 1",
        "all windows",
    ]


def test_before_and_after_turning_sets_one_network_beside_the_new_one():
    [axis] = FIGURES["before_and_after_turning"]().axes
    groups = [group.get_label() for group in axis.containers if group.get_label()[0] != "_"]
    assert groups == ["as recorded", "turned", "for any placement"]
    heights = [[height for _, height in bars(axis, number)] for number in range(3)]
    np.testing.assert_allclose(heights, [[40, 60], [45, 65], [70, 50]])
    lefts = [bars(axis, number)[0][0] for number in range(3)]
    assert lefts == sorted(lefts)
    [ends] = axis.containers[-1].errorbar.lines[2]
    np.testing.assert_allclose(
        [segment[:, 1] for segment in ends.get_segments()], [(60, 75), (45, 58)]
    )
    assert list(ticks(axis.xaxis).values()) == [SETS[name].title for name in NAMES]
    assert axis.get_ylabel() == "macro F1 (%)"


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])
