"""Sentences from files: facts filled in, variants chosen, slips named."""

import re

import pytest

from har_utils import configuration, files, sentences
from har_utils.build import dependencies

FILES = sorted(
    path
    for path in (files.REPOSITORY / "har_utils").rglob("*.py")
    if "sentences.beside(__file__" in path.read_text(encoding="utf-8")
)
"""The modules that say something."""

TEXTS = """\
lead:
  - when: lead > 0
    say: "{{ winner | the }} is ahead by {{ lead | points }} of 95~%."
  - say: nobody is ahead
all: "{{ leads | each('lead') | listing }}"
both: "{{ say('lead') }} Yes, {{ winner | the }}."
guarded:
  - when: lead > 5
    say: large
"""


@pytest.fixture
def say(tmp_path):
    """The sentences of a small file."""
    (tmp_path / "toy.yaml").write_text(TEXTS, encoding="utf-8")
    return sentences.beside(str(tmp_path / "toy.py"))


def test_sentence_takes_the_first_true_variant_and_a_capital(say):
    said = say("lead", winner="linear_svc", lead=0.012)
    assert said == "The linear SVC is ahead by 1.2\xa0points of 95\xa0%."
    assert say("lead", winner="linear_svc", lead=-0.1) == "nobody is ahead"


def test_sentence_behind_a_colon_gets_no_capital(say):
    behind = sentences.Sentences(say.path, capitals=False)
    assert behind("lead", winner="linear_svc", lead=0.012)[0] == "t"
    assert behind("both", winner="cnn_1d", lead=1)[0] == "t"


def test_sentence_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "toy.yaml").write_text("one: first\nother: text\none: second\n", encoding="utf-8")
    with pytest.raises(configuration.ConfigurationError, match="one stands there twice"):
        sentences.beside(str(tmp_path / "toy.py"))("one")


def test_sentence_puts_in_others(say):
    leads = [{"winner": "linear_svc", "lead": 0.01}, {"winner": "cnn_1d", "lead": 0}]
    assert say("all", leads=leads).endswith("% . and nobody is ahead".replace(" . ", ". "))
    assert say("both", winner="cnn_1d", lead=0).endswith("Yes, the 1D-CNN.")


@pytest.mark.parametrize(
    ("key", "facts", "message"),
    [
        ("gone", {}, "toy.yaml, gone: there is no text of this name"),
        ("lead", {"lead": 1}, "toy.yaml, lead: 'winner' is undefined"),
        ("guarded", {"lead": 1}, "toy.yaml, guarded: no variant is true"),
    ],
)
def test_sentence_names_what_is_wrong(say, key, facts, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        say(key, **facts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_texts_are_there_and_lead_to_texts(path):
    said = sentences.beside(str(path))
    written = said.path.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:say|each)\('(\w+)'", written))
    asked = set(re.findall(r"\bsay\(\s*\"(\w+)\"", path.read_text(encoding="utf-8")))
    assert named | asked <= set(said.texts)


def test_texts_belong_to_their_module():
    modules = dependencies.modules_of(dependencies.module("claims.ranking"))
    assert "har_utils/claims/ranking.yaml" in modules
