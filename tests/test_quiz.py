"""Questions of the lessons: three to five each, every answer with its reason."""

import pytest
from bs4 import BeautifulSoup

from har_utils import quiz
from har_utils.build import notebooks
from har_utils.course import start_page

LESSONS = sorted(path.stem for path in quiz.FOLDER.glob("*.yaml"))


@pytest.fixture
def one(tmp_path, monkeypatch):
    """Write a file of questions and return its lesson's name."""
    monkeypatch.setattr(quiz, "FOLDER", tmp_path)

    def write(text):
        (tmp_path / "01_x.yaml").write_text(text)
        return "01_x"

    return write


SOUND = """\
- question: Is `a < b` *so*?
  right: "Yes"
  because: It is.
  wrong: [{answer: "No", because: Look again.}]
"""


def test_questions_are_read_with_one_right_answer(one):
    [asked] = quiz.read(one(SOUND))
    assert {(answer.words, answer.because, answer.is_right) for answer in asked.answers} == {
        ("Yes", "It is.", True),
        ("No", "Look again.", False),
    }


def test_questions_as_html_need_no_script_and_escape_what_is_written(one):
    page = BeautifulSoup(quiz.as_html(one(SOUND)), "html.parser")
    assert page.select_one("li > p").decode_contents() == ("Is <code>a &lt; b</code> <em>so</em>?")
    told = {each.summary.get_text(): each.p.get_text() for each in page("details")}
    assert told == {"Yes": "Right. It is.", "No": "Not quite. Look again."}


def test_a_question_without_a_reason_is_named(one):
    lesson = one(SOUND.replace("  because: It is.\n", ""))
    with pytest.raises(ValueError, match=r"01_x\.yaml, question 1: lacks 'because'"):
        quiz.read(lesson)


def test_a_lesson_without_questions_says_so(one):
    with pytest.raises(FileNotFoundError, match=r"02_y\.yaml does not exist"):
        quiz.read("02_y")


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_asks_three_to_five_questions(lesson):
    asked = quiz.read(lesson)
    assert 3 <= len(asked) <= 5
    for question in asked:
        assert len(question.answers) >= 3
        assert len({answer.words for answer in question.answers}) == len(question.answers)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_with_questions_shows_them(lesson):
    cells = notebooks.code_cells(notebooks.read(start_page.NOTEBOOKS / f"{lesson}.ipynb"))
    [shown] = [cell for cell in cells if "quiz" in cell.metadata.get("tags", [])]
    assert shown.source.endswith(f'quiz.show("{lesson}")')


def test_the_right_answer_is_not_always_in_the_same_place():
    places = [
        [answer.is_right for answer in question.answers].index(True)
        for lesson in LESSONS
        for question in quiz.read(lesson)
    ]
    assert max(map(places.count, set(places))) < 0.6 * len(places)


def is_longest(question):
    """Return whether the right answer is longer than every wrong one."""
    [right] = [len(answer.words) for answer in question.answers if answer.is_right]
    return right > max(len(answer.words) for answer in question.answers if not answer.is_right)


def test_the_right_answer_is_not_told_by_its_length():
    longest = {lesson: [*map(is_longest, quiz.read(lesson))] for lesson in LESSONS}
    found = [each for asked in longest.values() for each in asked]
    assert sum(found) <= 0.4 * len(found)
    assert [lesson for lesson, asked in longest.items() if all(asked)] == []
