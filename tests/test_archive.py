"""What archives read: an RO-Crate that follows its specification, a CODECHECK manifest."""

import json

import pytest
import yaml

from har_utils import files
from har_utils.build import archive


@pytest.fixture
def repository(tmp_path):
    """A repository with a citation, a report and a figure."""
    for name in ("report/report.pdf", "report/generated/table_pairs.tex", "figures/leakage.pdf"):
        files.write_text(tmp_path / name, "x")
    files.write_text(tmp_path / "LICENSE", "x")
    cff = {
        "title": "A title",
        "abstract": "Two\nlines.",
        "version": "1.2",
        "date-released": "2026-01-02",
        "keywords": ["a", "b"],
        "license": ["MIT", "CC-BY-4.0"],
        "authors": [{"name": "A group"}, {"given-names": "Ada", "family-names": "Lovelace"}],
    }
    files.write_text(tmp_path / "CITATION.cff", yaml.safe_dump(cff))
    return tmp_path


def entities(crate):
    """Return the crate's entities by their identifier; each has one of its own."""
    found = {each["@id"]: each for each in crate["@graph"]}
    assert len(found) == len(crate["@graph"])
    return found


def identifiers(value):
    """Yield every identifier that is referred to within a value."""
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for each in value.values():
            yield from identifiers(each)
    elif isinstance(value, list):
        for each in value:
            yield from identifiers(each)


@pytest.mark.parametrize("place", ["toy", "here"])
def test_crate_follows_the_specification(repository, place):
    """RO-Crate 1.1: descriptor, root, flat, every reference resolved, every part there."""
    folder = repository if place == "toy" else files.REPOSITORY
    crate = json.loads(json.dumps(archive.crate(folder)))
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    found = entities(crate)
    descriptor, root = found["ro-crate-metadata.json"], found["./"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset"
    assert all(root[key] for key in ("name", "description", "datePublished", "license"))
    outside = {"https://w3id.org/ro/crate/1.1"}
    assert set(identifiers(crate["@graph"])) - outside <= found.keys()
    parts = [found[part["@id"]] for part in root["hasPart"]]
    assert parts
    for part in parts:
        path = folder / part["@id"]
        assert part["@type"] == ("Dataset" if part["@id"].endswith("/") else "File")
        assert path.is_dir() if part["@type"] == "Dataset" else path.is_file()


def test_crate_tells_what_the_citation_says(repository):
    found = entities(archive.crate(repository))
    root = found["./"]
    assert (root["name"], root["description"], root["version"]) == ("A title", "Two lines.", "1.2")
    assert [found[each["@id"]]["name"] for each in root["author"]] == ["A group", "Ada Lovelace"]
    kinds = [found[each["@id"]]["@type"] for each in root["author"]]
    assert kinds == ["Organization", "Person"]


def test_codecheck_lists_what_is_there_and_which_lesson_makes_it(repository):
    listed = archive.codecheck(repository)["manifest"]
    assert [each["file"] for each in listed] == [
        "report/report.pdf",
        "figures/leakage.pdf",
        "report/generated/table_pairs.tex",
    ]
    assert "notebooks/03_classical_baselines.ipynb" in listed[1]["comment"]


def test_every_part_has_a_text_of_its_own():
    texts = [archive.say(path) for path in archive.PARTS]
    assert len(set(texts)) == len(archive.PARTS)


def test_write_writes_both_and_the_same_again(repository):
    first = [path.read_bytes() for path in archive.write(repository)]
    assert [path.read_bytes() for path in archive.write(repository)] == first
    check = yaml.safe_load((repository / "codecheck.yml").read_text())
    assert check == archive.codecheck(repository)


def test_written_files_are_those_of_this_repository():
    for path, content in (
        (archive.CRATE, lambda text: json.loads(text) == archive.crate(files.REPOSITORY)),
        (archive.CHECK, lambda text: yaml.safe_load(text) == archive.codecheck(files.REPOSITORY)),
    ):
        text = (files.REPOSITORY / path).read_text(encoding="utf-8")
        assert content(text), f"{path} is old: .venv/bin/python -m har_utils archive-files"
