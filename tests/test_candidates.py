from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from har_utils import candidates, files, models, recipe, results
from har_utils.build import notebooks


def test_read_gives_candidates_that_can_be_built():
    models.prepare()
    for candidate in candidates.read():
        model = models.modern(**candidate.network)
        assert model.input_shape == (None, 128, 9)
        assert not candidate.recipe.choose_epochs
        assert candidate.idea


def test_candidate_is_as_usual_where_it_says_nothing():
    candidate = candidates.Candidate("turned", changes={"rotation": 40.0})
    assert candidate.recipe.rotation == 40
    assert candidate.recipe.batch_size == recipe.MODERN.batch_size
    assert candidate.key(2, 1).stem.as_posix() == "candidate_turned/fold-2/seed-1"


def write(path, text):
    path.write_text(text)
    return path


def test_read_refuses_a_name_twice(tmp_path):
    file = write(tmp_path / "list.yaml", "- name: a\n- name: b\n- name: a\n")
    with pytest.raises(ValueError, match="a is there more than once"):
        candidates.read(file)


def test_read_names_an_unknown_setting(tmp_path):
    file = write(tmp_path / "list.yaml", "- name: a\n  changes: {spin: 3}\n")
    with pytest.raises(ValueError, match="spin"):
        candidates.read(file)


def test_read_names_an_unknown_argument_of_the_network(tmp_path):
    file = write(tmp_path / "list.yaml", "- name: a\n  network: {smalest: null}\n")
    with pytest.raises(ValueError, match="smalest"):
        candidates.read(file)


def test_find_answers_an_unknown_candidate_with_those_there_are():
    with pytest.raises(ValueError, match="there are everything, "):
        candidates.find("nobody")


def test_ranking_weighs_every_fold_alike():
    """Three seeds on an easy fold must not outvote one seed on a hard one."""
    rows = pd.DataFrame(
        {
            "candidate": ["a"] * 4 + ["b"] * 2,
            "fold": [0, 0, 0, 1, 0, 1],
            "seed": [0, 1, 2, 0, 0, 0],
            "accuracy": [0.99, 0.99, 0.99, 0.89, 0.96, 0.94],
            "negative_log_likelihood": [0.1] * 6,
            "n_parameters": [100] * 4 + [50] * 2,
        }
    )
    ranked = candidates.ranking(rows)
    assert list(ranked.index) == ["b", "a"]
    np.testing.assert_allclose(ranked["accuracy"], [0.95, 0.94])
    np.testing.assert_allclose(ranked["worst_fold"], [0.94, 0.89])
    assert ranked["n_seeds"].to_dict() == {"b": 1, "a": 3}


def test_for_people_gives_titles_and_shares_in_per_cent():
    name, title = list(candidates.titles().items())[1]
    rows = pd.DataFrame({"candidate": [name], "fold": [0], "seed": [0], "accuracy": [0.5]})
    shown = candidates.for_people(rows.assign(negative_log_likelihood=0.1, n_parameters=7))
    assert shown.loc[title].tolist() == [1, 50, 50, 0.1, 7]


def test_titles_are_the_names_in_words_where_nothing_else_is_said():
    assert candidates.Candidate("two_words").title == "two words"
    assert candidates.Candidate("two_words", title="both").title == "both"
    assert all("_" not in title for title in candidates.titles("modern_integer").values())
    names = [each.name for each in candidates.read()]
    assert [*candidates.titles(), *candidates.titles("modern_integer")] == names


def finished(candidate, fold, seed=0):
    record = {
        "metrics": {"accuracy": 0.9 + fold / 100, "macro_f1": 0.9, "negative_log_likelihood": 0.2},
        "n_parameters": 100,
        "digest": "0123456789abcdef",
    }
    timing = {"seconds": {"select": {"cpu": 61.2}}}
    return SimpleNamespace(key=candidate.key(fold, seed), record=record, timing=timing)


def test_table_has_what_was_tried_in_the_order_of_the_list(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path / "nothing published")
    for name in ("longer", "everything"):
        candidate = candidates.find(name)
        for seed in (1, 0):
            runs = [finished(candidate, fold, seed) for fold in (0, 1)]
            candidates.write(candidate, runs, "lab")
    table = candidates.table("lab")
    assert table["candidate"].drop_duplicates().tolist()[:2] == ["everything", "longer"]
    assert table["seed"].tolist() == [0, 0, 1, 1] * 2
    row = table.iloc[1]
    assert (row.fold, row.seed, row.accuracy, row.cpu_seconds) == (1, 0, 0.91, 61)


def test_table_of_another_network_is_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path / "nothing published")
    for name in ("everything", "integer"):
        candidate = candidates.find(name)
        candidates.write(candidate, [finished(candidate, 0)], "lab")
    assert candidates.table("lab")["candidate"].tolist() == ["everything"]
    assert candidates.table("lab", of="modern_integer")["candidate"].tolist() == ["integer"]


@pytest.mark.parametrize("name", ["modern", "modern_integer"])
def test_read_lists_the_network_that_was_chosen(name):
    built = models.configuration(models.build(name))
    tried = [each for each in candidates.read() if each.of == name]
    same = [c for c in tried if models.configuration(models.modern(**c.network)) == built]
    assert recipe.OWN[name] in [candidate.recipe for candidate in same]


def test_read_lists_the_candidate_the_notebook_begins_with():
    notebook = notebooks.read(files.REPOSITORY / "notebooks" / "select.ipynb")
    assert notebooks.parameters(notebook)["candidate"] in [each.name for each in candidates.read()]


def test_candidate_shortened_is_trained_for_fewer_epochs():
    candidate = candidates.find("without_turning")
    assert candidate.shortened(1).recipe.max_epochs == 1
    assert candidate.shortened(1).recipe.mirroring == candidate.recipe.mirroring
    assert candidate.shortened(0) == candidate
