"""A check tells right, wrong and untouched apart, and never gives the answer away."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har_utils.course import selfcheck
from har_utils.course.selfcheck import RIGHT, UNTOUCHED, WRONG, Verdict, say

NUMBERS = np.array([1.0, 2.0, 3.0, 4.0])


def check(answer, **changed):
    """Check an answer that should be 1, 2, 3, 4."""
    about = {"expected": NUMBERS, "placeholder": np.zeros(4), "todo": "all is zero."}
    return selfcheck.check(answer, **about | changed)


@pytest.mark.parametrize("answer", [NUMBERS, [1, 2, 3, 4], lambda: NUMBERS + 1e-9])
def test_a_right_answer_is_right_whatever_holds_it(answer):
    assert check(answer, right="well done.") == Verdict(RIGHT, "well done.")
    assert str(check(answer, right="well done.")) == f"{RIGHT}: well done."


@pytest.mark.parametrize("held", [pd.Series, lambda names: np.array(names, dtype=object), list])
def test_names_are_right_in_any_case_whatever_holds_them(held):
    about = {"expected": ["SITTING", "STANDING"], "placeholder": ["", ""]}
    assert check(held(["sitting", "Standing"]), **about).status == RIGHT
    assert "in quotation marks" not in check(held(["SITTING", "LAYING"]), **about).message


def test_the_untouched_placeholder_is_told_what_is_left_to_do():
    verdict = check(np.zeros(4))
    assert verdict == Verdict(UNTOUCHED, "all is zero.")
    assert verdict._repr_markdown_() == f"**{UNTOUCHED}**: all is zero."


def test_a_known_mistake_is_named():
    verdict = check(-NUMBERS, hints={"upside down": -NUMBERS, "too large": 2 * NUMBERS})
    assert verdict == Verdict(WRONG, "upside down")


def test_a_right_answer_stays_right_where_a_mistake_would_give_the_same():
    assert check(NUMBERS, hints={"wrong": NUMBERS}).status == RIGHT


@pytest.mark.parametrize(
    ("answer", "key", "facts"),
    [
        (None, "none", {}),
        ([None] * 4, "none", {}),
        ([1, 2, 3], "shape", {"given": (3,), "expected": (4,)}),
        ([[1, 2], [3]], "shape", {"given": (2,), "expected": (4,)}),
        ([1, 2, 3, np.nan], "nan", {}),
        ([True] * 4, "no_numbers", {"kind": "bool", "is_text": False}),
        (
            [1, 2, 3, 9],
            *("some_numbers_wrong", {"n_right": 3, "n_all": 4, "named": [4], "gap": "5"}),
        ),
    ],
)
def test_other_mistakes_are_described(answer, key, facts):
    verdict = check(answer)
    assert verdict == Verdict(WRONG, say(key, **{"n_more": 0, **facts}))
    numbers = [fact for fact in facts.values() if not isinstance(fact, list | bool)]
    assert all(str(number) in verdict.message for number in numbers)


def test_text_for_numbers_is_told_so_without_what_numpy_calls_it():
    verdict = check(["1", "2", "3", "4"])
    assert verdict == Verdict(WRONG, say("no_numbers", kind="str32", is_text=True))
    assert "str" not in verdict.message


def test_whole_numbers_are_counted_and_no_error_is_measured_between_labels():
    verdict = check([0, 1, 2, 5], expected=np.array([0, 1, 2, 1]), placeholder=np.zeros(4))
    assert verdict == Verdict(WRONG, say("some_wrong", n_right=3, n_all=4, named=[4], n_more=0))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("lying", "LAYING"),
        (" Laying ", "LAYING"),
        (["walking upstairs", "Sitting"], ["WALKING_UPSTAIRS", "SITTING"]),
        (["Y", " -x", "+y"], ["y", "-x", "y"]),
    ],
)
def test_names_are_right_in_any_case_and_under_the_lessons_names(answer, expected):
    assert check(answer, expected=expected, placeholder="z").status == RIGHT
    assert check("sitting", expected="LAYING", placeholder="SITTING").status == UNTOUCHED
    assert check("-y", expected="y", placeholder="z").status == WRONG


@pytest.mark.parametrize("answer", ["resting", ["STANDING", "resting"]])
def test_a_name_of_no_activity_is_told_where_the_names_are(answer):
    expected = "LAYING" if isinstance(answer, str) else ["STANDING", "LAYING"]
    verdict = check(answer, expected=expected, placeholder="WALKING")
    assert verdict == Verdict(WRONG, say("no_activity", given="'resting'"))
    assert "resting" in verdict.message
    other = check("sitting", expected="LAYING", placeholder="WALKING")
    assert other == Verdict(WRONG, say("other_name", given="'sitting'"))


def test_wrong_words_are_counted_and_not_corrected():
    verdict = check(["a", "x", "y"], expected=["a", "b", "c"], placeholder=["a"] * 3)
    facts = {"n_right": 1, "n_all": 3, "named": [2, 3], "n_more": 0}
    assert verdict == Verdict(WRONG, say("some_wrong", **facts))
    assert re.findall(r"\d", verdict.message) == ["1", "3", "2", "3"]


def test_no_more_than_a_few_wrong_places_are_named():
    verdict = check(["a", *"xxxxxxx"], expected=["a"] * 8, placeholder=["b"] * 8)
    assert re.findall(r"\d", verdict.message) == [*"18", *"23456"]
    facts = {"n_right": 1, "n_all": 8, "named": [2, 3, 4, 5, 6]}
    assert verdict.message == say("some_wrong", n_more=2, **facts)
    assert verdict.message != say("some_wrong", n_more=0, **facts)


def test_where_every_word_is_wrong_none_is_named():
    verdict = check(["x", "y", "z"], expected=["a", "b", "c"], placeholder=["a"] * 3)
    assert verdict == Verdict(WRONG, say("none_right", n_all=3))
    assert re.findall(r"\d", verdict.message) == ["3"]


@pytest.mark.parametrize("answer", [7, 7.5, np.nan, True])
@pytest.mark.parametrize("n", [None, 3])
def test_a_number_for_a_name_is_told_what_is_asked_for_and_not_the_name(answer, n):
    words = {"expected": "b", "placeholder": "a", "hints": {"so is c.": "c"}}
    if n:
        answer, words = [answer] * n, words | {"expected": ["b"] * n}
    verdict = check(answer, **words)
    assert verdict == Verdict(WRONG, say("no_names"))


def test_code_that_stops_is_reported_with_its_line():
    def broken():
        return NUMBERS[7]

    verdict = check(broken)
    assert verdict.status == WRONG
    assert "IndexError" in verdict.message
    assert "return NUMBERS[7]" in verdict.message
    assert "index 7 is out of bounds" in verdict.message  # as NumPy says it


def test_truth_values_that_are_subtracted_are_told_to_become_shares():
    def broken():
        return np.array([True, False]) - np.array([True, True])

    verdict = check(broken)
    line = "return np.array([True, False]) - np.array([True, True])"
    assert verdict == Verdict(WRONG, say("truth_values", line=line))
    assert line in verdict.message
    assert ".mean()" in verdict.message
    assert "bitwise_xor" not in verdict.message


def test_a_name_that_is_not_there_yet_is_not_the_student_s_mistake():
    code = "selfcheck.check(lambda: double(1), expected=2, placeholder=1, todo='')"
    verdict = selfcheck.run(code, {"selfcheck": selfcheck})
    assert verdict == Verdict(WRONG, say("missing", name="double"))
    assert "double" in verdict.message


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(-100, 100))
def test_a_number_is_right_untouched_or_wrong_with_a_direction(answer, expected, placeholder):
    verdict = check(answer, expected=expected, placeholder=placeholder)
    if np.isclose(answer, expected, rtol=1e-6, atol=1e-6):
        assert verdict.status == RIGHT
    elif np.isclose(answer, placeholder, rtol=1e-6, atol=1e-6):
        assert verdict.status == UNTOUCHED
    else:
        facts = {"given": f"{answer:.6g}", "is_small": answer < expected}
        assert verdict.message == say("number", **facts)
        assert verdict.message != say("number", **facts | {"is_small": answer > expected})
        assert facts["given"] in verdict.message


def test_a_bar_has_to_be_reached():
    def judge(score):
        return selfcheck.reaches(score, bar=0.99, placeholder=0.8, todo="go on.").status

    assert [judge(score) for score in (0.8, 0.9, 0.99, lambda: 1.0)] == [
        *(UNTOUCHED, WRONG),
        *(RIGHT, RIGHT),
    ]
    assert judge(lambda: 1 / 0) == WRONG
    missed = selfcheck.reaches(0.87654, bar=0.99, placeholder=0.8, todo="go on.")
    assert re.findall(r"\d\.\d+", missed.message) == ["0.8765", "0.99"]


def test_a_share_that_is_turned_round_is_named():
    def judge(score):
        about = {"bar": 0.99, "placeholder": 0.8, "todo": "go on.", "turned": "turned round."}
        return selfcheck.reaches(score, **about)

    assert judge(0.002) == Verdict(WRONG, "turned round.")
    assert judge(0.1) == Verdict(WRONG, say("below_bar", score="0.1", bar="0.99"))
    assert judge(0.995).status == RIGHT


def test_a_judgement_needs_a_sentence_and_gets_one_to_compare_with():
    def judged(answer):
        return selfcheck.judge(answer, placeholder="…", model="No, because it was chosen.")

    assert judged("…").status == UNTOUCHED
    assert [judged(answer).status for answer in ("No.", 3, None)] == [WRONG] * 3
    verdict = judged("No, since these people have chosen it.")
    assert verdict.status == RIGHT
    assert "No, because it was chosen." in verdict.message
