"""A check tells right, wrong and untouched apart, and never gives the answer away."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har_utils.course import selfcheck
from har_utils.course.selfcheck import RIGHT, UNTOUCHED, WRONG

NUMBERS = np.array([1.0, 2.0, 3.0, 4.0])


def check(answer, **changed):
    """Check an answer that should be 1, 2, 3, 4."""
    about = {"expected": NUMBERS, "placeholder": np.zeros(4), "todo": "all is zero."}
    return selfcheck.check(answer, **about | changed)


@pytest.mark.parametrize("answer", [NUMBERS, [1, 2, 3, 4], lambda: NUMBERS + 1e-9])
def test_a_right_answer_is_right_whatever_holds_it(answer):
    assert str(check(answer, right="well done.")) == "Right: well done."


def test_the_untouched_placeholder_is_told_what_is_left_to_do():
    verdict = check(np.zeros(4))
    assert str(verdict) == "Not solved yet: all is zero."
    assert verdict._repr_markdown_() == "**Not solved yet**: all is zero."


def test_a_known_mistake_is_named():
    verdict = check(-NUMBERS, hints={"upside down": -NUMBERS, "too large": 2 * NUMBERS})
    assert str(verdict) == "Not yet: upside down"


def test_a_right_answer_stays_right_where_a_mistake_would_give_the_same():
    assert check(NUMBERS, hints={"wrong": NUMBERS}).status == RIGHT


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "Does the function end with `return`?"),
        ([None] * 4, "Does the function end with `return`?"),
        ([1, 2, 3], "shape (3,), but (4,) is asked for"),
        ([1, 2, 3, np.nan], "nan"),
        (["1", "2", "3", "4"], "numbers are asked for"),
        ([1, 2, 3, 9], "3 of 4 are right. Look again at number 4 (counted from 1"),
        ([[1, 2], [3]], "shape (2,)"),
    ],
)
def test_other_mistakes_are_described(answer, words):
    verdict = check(answer)
    assert verdict.status == WRONG
    assert words in verdict.message


def test_wrong_words_are_counted_and_not_corrected():
    verdict = check(["a", "x", "y"], expected=["a", "b", "c"], placeholder=["a"] * 3)
    assert str(verdict) == "Not yet: 1 of 3 are right. Look again at number 2, 3."


def test_where_every_word_is_wrong_none_is_named():
    verdict = check(["x", "y", "z"], expected=["a", "b", "c"], placeholder=["a"] * 3)
    assert str(verdict) == "Not yet: none of the 3 is right."


@pytest.mark.parametrize("answer", [7, 7.5, np.nan, True])
@pytest.mark.parametrize("n", [None, 3])
def test_a_number_for_a_name_is_told_what_is_asked_for_and_not_the_name(answer, n):
    words = {"expected": "b", "placeholder": "a", "hints": {"so is c.": "c"}}
    if n:
        answer, words = [answer] * n, words | {"expected": ["b"] * n}
    verdict = check(answer, **words)
    assert str(verdict) == "Not yet: names are asked for, in quotation marks."


def test_code_that_stops_is_reported_with_its_line():
    def broken():
        return NUMBERS[7]

    verdict = check(broken)
    assert verdict.status == WRONG
    assert "IndexError in `return NUMBERS[7]`" in verdict.message


def test_a_name_that_is_not_there_yet_is_not_the_student_s_mistake():
    code = "selfcheck.check(lambda: double(1), expected=2, placeholder=1, todo='')"
    verdict = selfcheck.run(code, {"selfcheck": selfcheck})
    assert str(verdict) == "Not yet: there is no `double` yet: run the cells above first."


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(-100, 100))
def test_a_number_is_right_untouched_or_wrong_with_a_direction(answer, expected, placeholder):
    verdict = check(answer, expected=expected, placeholder=placeholder)
    if np.isclose(answer, expected, rtol=1e-6, atol=1e-6):
        assert verdict.status == RIGHT
    elif np.isclose(answer, placeholder, rtol=1e-6, atol=1e-6):
        assert verdict.status == UNTOUCHED
    else:
        assert verdict.message.endswith("too small." if answer < expected else "too large.")


def test_a_bar_has_to_be_reached():
    def judge(score):
        return selfcheck.reaches(score, bar=0.99, placeholder=0.8, todo="go on.").status

    assert [judge(score) for score in (0.8, 0.9, 0.99, lambda: 1.0)] == [
        *(UNTOUCHED, WRONG),
        *(RIGHT, RIGHT),
    ]
    assert judge(lambda: 1 / 0) == WRONG


def test_a_judgement_needs_a_sentence_and_gets_one_to_compare_with():
    def judged(answer):
        return selfcheck.judge(answer, placeholder="…", model="No, because it was chosen.")

    assert judged("…").status == UNTOUCHED
    assert [judged(answer).status for answer in ("No.", 3, None)] == [WRONG] * 3
    verdict = judged("No, since these people have chosen it.")
    assert verdict.status == RIGHT
    assert verdict.message.endswith("No, because it was chosen.")
