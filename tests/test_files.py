"""A file is written whole or not at all."""

import pandas as pd
import pytest

from har_utils import files


def test_atomic_puts_the_file_in_place_when_all_is_written(tmp_path):
    target = tmp_path / "new folder" / "table.csv"
    with files.atomic(target) as aside:
        assert (aside.parent, aside.suffix) == (target.parent, ".csv")
        aside.write_text("1")
        assert not target.exists()
    assert target.read_text() == "1"
    assert list(target.parent.iterdir()) == [target]


def fail_halfway(path):
    """Fail after half of a file is written."""
    with files.atomic(path) as aside:
        aside.write_text("half")
        raise RuntimeError


def test_atomic_keeps_the_old_file_and_leaves_nothing_where_writing_fails(tmp_path):
    target = tmp_path / "table.csv"
    target.write_text("old")
    with pytest.raises(RuntimeError):
        fail_halfway(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_atomic_names_the_file_that_cannot_be_written(tmp_path):
    (tmp_path / "table.csv").mkdir()
    with pytest.raises(IsADirectoryError) as error, files.atomic(tmp_path / "table.csv") as aside:
        aside.write_text("new")
    assert error.value.filename == str(tmp_path / "table.csv")
    with pytest.raises(FileNotFoundError, match="elsewhere"), files.atomic(tmp_path / "a"):
        (tmp_path / "elsewhere").read_text()


def test_atomic_gives_two_writers_of_one_file_a_name_each(tmp_path):
    target = tmp_path / "table.csv"
    with files.atomic(target) as one, files.atomic(target) as two:
        assert one != two
        one.write_text("one")
        two.write_text("two")
    assert target.read_text() == "one"  # whoever ends last


def test_put_in_place_replaces_a_folder_and_all_that_was_in_it(tmp_path):
    new, old = tmp_path / "new", tmp_path / "old"
    for folder, name in ((new, "a"), (old, "b")):
        folder.mkdir()
        (folder / name).touch()
    files.put_in_place(new, old)
    assert [path.name for path in old.iterdir()] == ["a"]
    assert list(tmp_path.iterdir()) == [old]


def test_copy_makes_the_folder(tmp_path):
    (tmp_path / "a").write_text("content")
    files.copy(tmp_path / "a", tmp_path / "folder" / "b")
    assert (tmp_path / "folder" / "b").read_text() == "content"


def test_table_is_written_without_its_index_and_with_the_digits_asked_for(tmp_path):
    table = pd.DataFrame({"name": ["a", "b"], "score": [1 / 3, None], "n": [1, 2]}, index=[5, 6])
    whole = files.write_table(tmp_path / "folder" / "whole.csv", table)
    short = files.write_table(tmp_path / "short.csv", table, "%.3g")
    assert whole.read_bytes() == b"name,score,n\na,0.3333333333333333,1\nb,,2\n"
    assert short.read_bytes() == b"name,score,n\na,0.333,1\nb,,2\n"
