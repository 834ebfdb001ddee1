"""Who may use what, and how to cite it, is said once and the same everywhere."""

import re
import tomllib

import yaml

from har_utils.files import REPOSITORY

CITATION = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_citation_has_what_the_format_demands():
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert CITATION["cff-version"] == "1.2.0"
    for work in CITATION["references"]:
        assert {"type", "title", "authors"} <= set(work)


def test_citation_and_changelog_are_of_this_version():
    assert CITATION["version"] == PROJECT["version"]
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\d\S+)", changes, flags=re.MULTILINE)[1] == PROJECT["version"]


def test_licence_is_the_same_everywhere():
    licence = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert CITATION["license"] == [PROJECT["license"], "CC-BY-4.0"]
    for text in (licence, readme):
        assert "MIT" in text
        assert "CC BY 4.0" in text


def test_citation_names_the_papers_the_data_ask_for():
    cited = {re.sub(r"\W+", " ", work["title"]).lower() for work in CITATION["references"]}
    asked = (REPOSITORY / "data" / "README.md").read_text(encoding="utf-8")
    plain = re.sub(r"\W+", " ", asked).lower()
    assert sum(title in plain for title in cited) == 2
    assert "creativecommons.org/licenses/by/4.0" in asked
