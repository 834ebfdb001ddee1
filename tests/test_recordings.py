"""Reading the recordings: the packaged ones, and the original data set in every wrapping."""

from __future__ import annotations

import io
import os
import pickle
import sys
import zipfile
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from har_utils import recordings
from har_utils.recordings import Recording


@pytest.fixture(scope="module", autouse=True)
def only_packaged(tmp_path_factory):
    """Nobody's own copy of the original data set takes part."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HAR_DATA", raising=False)
        patch.setattr(recordings, "ORIGINAL_FOLDER", tmp_path_factory.mktemp("original"))
        yield


@pytest.fixture(scope="module")
def packaged(only_packaged) -> list[Recording]:
    return recordings.load()


@pytest.fixture
def small(packaged) -> list[Recording]:
    """The first three recordings, cut to their first 2500 samples."""
    return [_cut(recording, 2500) for recording in packaged[:3]]


def _cut(recording: Recording, n: int) -> Recording:
    labels = recording.labels[recording.labels["stop"] <= n].reset_index(drop=True)
    acceleration, rotation = recording.acceleration[:n], recording.rotation[:n]
    return replace(recording, acceleration=acceleration, rotation=rotation, labels=labels)


def _texts(recorded: list[Recording], line_end: str = "\n") -> dict[str, bytes]:
    """Print recordings as the original data set does."""
    lines = {}
    for r in recorded:
        for sensor, signal in (("acc", r.acceleration), ("gyro", r.rotation)):
            name = f"RawData/{sensor}_exp{r.experiment:02d}_user{r.subject:02d}.txt"
            lines[name] = [" ".join(map(repr, sample)) for sample in signal.tolist()]
        lines.setdefault("RawData/labels.txt", []).extend(
            f"{r.experiment} {r.subject} {activity} {start + 1} {stop}"
            for activity, start, stop in r.labels.itertuples(index=False)
        )
    return {name: "".join(f"{x}{line_end}" for x in text).encode() for name, text in lines.items()}


def _as_folder(texts: dict[str, bytes], place: Path) -> Path:
    for name, text in texts.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(text)
    return place


def _as_zip(texts: dict[str, bytes], place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return place


def _assert_equal(read: list[Recording], expected: list[Recording]) -> None:
    assert [r.experiment for r in read] == [r.experiment for r in expected]
    for a, b in zip(read, expected, strict=True):
        assert a.subject == b.subject
        np.testing.assert_array_equal(a.acceleration, b.acceleration)
        np.testing.assert_array_equal(a.rotation, b.rotation)
        pd.testing.assert_frame_equal(a.labels, b.labels)


def _one_line(caught) -> str:
    message = str(caught.value)
    assert "\n" not in message
    return message


# ---- The package -----------------------------------------------------------------------------


def test_packaged_recordings_are_complete(packaged):
    assert [r.experiment for r in packaged] == list(range(1, 62))
    assert sorted({r.subject for r in packaged}) == list(range(1, 31))
    assert sum(len(r.acceleration) for r in packaged) == 1_122_772
    assert all(r.acceleration.shape == r.rotation.shape for r in packaged)
    assert all(r.acceleration.dtype == r.rotation.dtype == np.float64 for r in packaged)


def test_packaged_recordings_are_in_g_and_radians_per_second(packaged):
    lengths = np.linalg.norm(np.vstack([r.acceleration for r in packaged]), axis=1)
    assert np.median(lengths) == pytest.approx(1.0, abs=0.05)
    assert np.abs(np.vstack([r.rotation for r in packaged])).max() < 20


def test_packaged_labels_begin_where_the_original_ones_do(packaged):
    assert packaged[0].labels.iloc[0].to_list() == [5, 249, 1232]
    assert sum(len(r.labels) for r in packaged) == 1214


def test_packaged_labels_equal_the_original_ones(packaged, shared):
    expected = pd.read_csv(shared("data/hapt_labels.csv"))
    ours = pd.concat(
        [r.labels.assign(experiment=r.experiment, subject=r.subject) for r in packaged],
        ignore_index=True,
    )
    pd.testing.assert_frame_equal(ours[expected.columns], expected)


def test_packaged_recordings_may_be_changed_by_whoever_loaded_them(packaged):
    changed = recordings.load()[0]
    changed.acceleration[:] = 0
    changed.labels["activity"] = 12
    again = recordings.load()[0]
    np.testing.assert_array_equal(again.acceleration, packaged[0].acceleration)
    pd.testing.assert_frame_equal(again.labels, packaged[0].labels)
    assert again.acceleration.any()


def test_the_package_is_never_imported(packaged):
    assert not [name for name in sys.modules if name.startswith("KCC2020")]


def test_packaged_is_the_source_without_an_original():
    assert recordings.source() == "packaged"
    assert recordings.fingerprint() == recordings.PACKAGED_SHA256


def _pretend_installed(monkeypatch, file: Path) -> None:
    pretended = SimpleNamespace(locate_file=lambda name: file)
    monkeypatch.setattr(recordings.metadata, "distribution", lambda name: pretended)


def test_a_corrupted_packaged_file_is_refused(monkeypatch, tmp_path):
    real = metadata.distribution(recordings.PACKAGE).locate_file(recordings.PACKAGED_FILE)
    content = bytearray(Path(real).read_bytes())
    content[len(content) // 2] ^= 1
    damaged = tmp_path / "HAPT.pkl.gz"
    damaged.write_bytes(content)
    _pretend_installed(monkeypatch, damaged)
    for use in (recordings.load, recordings.fingerprint):
        with pytest.raises(ValueError, match="SHA-256") as caught:
            use()
        assert str(damaged) in _one_line(caught)


def test_a_file_that_is_not_checked_is_not_unpickled(monkeypatch, tmp_path):
    evil = tmp_path / "HAPT.pkl.gz"
    evil.write_bytes(pickle.dumps(_Evil(tmp_path / "was-here")))
    _pretend_installed(monkeypatch, evil)
    with pytest.raises(ValueError, match="SHA-256"):
        recordings.load()
    assert not (tmp_path / "was-here").exists()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(recordings, "PACKAGE", "no-such-package-of-recordings")
    with pytest.raises(FileNotFoundError, match="no-such-package-of-recordings") as caught:
        recordings.load()
    assert "data/original" in _one_line(caught)


class _Evil:
    def __init__(self, file: Path):
        self.file = file

    def __reduce__(self):
        return os.mkdir, (str(self.file),)


FORBIDDEN = {
    "a system call": b"cos\nsystem\n(S'true'\ntR.",
    "a builtin": b"cbuiltins\neval\n(S'1'\ntR.",
    "a Python 2 builtin": b"c__builtin__\neval\n(S'1'\ntR.",
    "NumPy's loader": b"cnumpy\nload\n(S'file'\ntR.",
    "another codec": b"c_codecs\nencode\n(S'abc'\nS'rot13'\ntR.",
    "a method of an allowed class": b"\x80\x04\x8c\x05numpy\x8c\x11ndarray.__class__\x93.",
}


@pytest.mark.parametrize("program", FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_malicious_pickle_is_refused(program):
    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        recordings._DataUnpickler(io.BytesIO(program)).load()


def test_pandas_names_in_a_pickle_do_nothing(tmp_path):
    program = b"cpandas.io.common\nos.mkdir\n(S'" + str(tmp_path / "x").encode() + b"'\ntR."
    inert = recordings._DataUnpickler(io.BytesIO(program)).load()
    assert isinstance(inert, recordings._StandIn)
    assert not (tmp_path / "x").exists()


# ---- The original data set -------------------------------------------------------------------


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("wrapping", ["folder", "folder in a folder", "zip", "zip in a zip"])
def test_the_original_is_read_bit_for_bit(small, tmp_path, wrapping, line_end):
    texts = _texts(small, line_end) | {"README.txt": b"HAPT", "Train/X_train.txt": b"1 2 3"}
    if wrapping == "folder":
        place = _as_folder(texts, tmp_path)
    elif wrapping == "folder in a folder":
        place = _as_folder(texts, tmp_path / "HAPT Data Set").parent
    elif wrapping == "zip":
        place = _as_zip(texts, tmp_path / "HAPT.zip")
    else:
        inner = _as_zip(texts, tmp_path / "inner.zip").read_bytes()
        place = _as_zip({"HAPT Data Set.zip": inner}, tmp_path / "outer" / "HAPT.zip")
    _assert_equal(recordings.load(place), small)


def test_labels_count_from_one_and_include_their_end(small, tmp_path):
    place = _as_folder(_texts(small), tmp_path)
    assert (place / "RawData/labels.txt").read_text().startswith("1 1 5 250 1232\n")
    assert recordings.load(place)[0].labels.iloc[0].to_list() == [5, 249, 1232]


def test_metadata_of_a_mac_is_passed_over(small, tmp_path):
    extra = {"__MACOSX/RawData/._acc_exp01_user01.txt": b"\x00\x05\x16\x07"}
    _assert_equal(recordings.load(_as_zip(_texts(small) | extra, tmp_path / "a.zip")), small)


def test_the_variable_names_the_original(small, tmp_path, monkeypatch):
    place = _as_zip(_texts(small), tmp_path / "HAPT.zip")
    monkeypatch.setenv("HAR_DATA", str(place))
    assert recordings.source() == "original"
    _assert_equal(recordings.load(), small)


def test_the_folder_original_is_used_if_it_holds_recordings(small, tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "ORIGINAL_FOLDER", tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    assert recordings.source() == "packaged"
    _as_zip(_texts(small), tmp_path / "HAPT.zip")
    assert recordings.source() == "original"
    _assert_equal(recordings.load(), small)


def test_the_fingerprint_is_of_the_content(small, tmp_path, monkeypatch):
    texts = _texts(small)
    places = [_as_folder(texts, tmp_path / "a"), _as_zip(texts, tmp_path / "b.zip")]
    changed = texts | {"RawData/labels.txt": texts["RawData/labels.txt"] + b"3 2 1 2400 2450\n"}
    prints = []
    for place in [*places, _as_folder(changed, tmp_path / "c")]:
        monkeypatch.setenv("HAR_DATA", str(place))
        prints.append(recordings.fingerprint())
    assert prints[0] == prints[1] != prints[2]


def test_a_place_without_recordings_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no recordings") as caught:
        recordings.load(tmp_path)
    assert str(tmp_path) in _one_line(caught)


def test_a_place_that_does_not_exist_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere") as caught:
        recordings.load()
    _one_line(caught)


def test_a_file_that_is_no_zip_is_named(tmp_path):
    (tmp_path / "HAPT.zip").write_text("not a zip")
    with pytest.raises(ValueError, match=r"HAPT\.zip: not a folder or a zip") as caught:
        recordings.load(tmp_path / "HAPT.zip")
    _one_line(caught)


def test_a_damaged_member_of_a_zip_is_named(small, tmp_path):
    place = _as_zip(_texts(small), tmp_path / "HAPT.zip")
    content = bytearray(place.read_bytes())
    content[1000] ^= 0xFF
    place.write_bytes(content)
    with pytest.raises(ValueError, match=r"acc_exp01_user01\.txt: damaged") as caught:
        recordings.load(place)
    _one_line(caught)


DAMAGES = {
    "RawData/gyro_exp02_user01.txt is missing": lambda texts: texts.pop(
        "RawData/gyro_exp02_user01.txt"
    ),
    "2499 samples of acceleration": lambda texts: texts.update(
        {"RawData/acc_exp01_user01.txt": texts["RawData/acc_exp01_user01.txt"].split(b"\n", 1)[1]}
    ),
    "acc_exp01_user01.txt: not a table of 3 numbers": lambda texts: texts.update(
        {"RawData/acc_exp01_user01.txt": texts["RawData/acc_exp01_user01.txt"][:-30]}
    ),
    "gyro_exp01_user01.txt: not a table of 3 numbers": lambda texts: texts.update(
        {"RawData/gyro_exp01_user01.txt": b""}
    ),
    "labels.txt: not a table of 5 numbers": lambda texts: texts.update(
        {"RawData/labels.txt": b"1 1 STANDING 250 1232\n"}
    ),
}


@pytest.mark.parametrize("message", DAMAGES)
def test_a_damaged_original_is_refused_in_one_line(small, tmp_path, message):
    texts = _texts(small)
    DAMAGES[message](texts)
    with pytest.raises((ValueError, FileNotFoundError), match=message) as caught:
        recordings.load(_as_folder(texts, tmp_path))
    _one_line(caught)


def _relabelled(texts: dict[str, bytes], *lines: str) -> None:
    """Give the labels further lines."""
    texts["RawData/labels.txt"] += "".join(f"{line}\n" for line in lines).encode()


def _without_labels_of(texts: dict[str, bytes], experiment: int) -> None:
    lines = texts["RawData/labels.txt"].splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{experiment} ".encode())]
    texts["RawData/labels.txt"] = b"".join(kept)


def _with_sample(texts: dict[str, bytes], name: str, sample: str) -> None:
    lines = texts[f"RawData/{name}"].split(b"\n")
    lines[700] = sample.encode()
    texts[f"RawData/{name}"] = b"\n".join(lines)


def _swap(texts: dict[str, bytes], a: str, b: str) -> None:
    a, b = f"RawData/{a}", f"RawData/{b}"
    texts[a], texts[b] = texts[b], texts[a]


SLIPS = {
    "two labels overlap at sample 1000": lambda t: _relabelled(t, "1 1 5 1000 1300"),
    "an end before its start": lambda t: _relabelled(t, "1 1 5 2400 2300"),
    "experiment 2: no labels": lambda t: _without_labels_of(t, 2),
    "activity that is not 1 to 12": lambda t: _relabelled(t, "1 1 13 2450 2460"),
    "not whole": lambda t: _relabelled(t, "1 1 5 2450.5 2460"),
    "a sample before the first": lambda t: _relabelled(t, "1 1 5 0 200"),
    "of whom there is no file": lambda t: _relabelled(t, "9 9 5 100 200"),
    "ends at 2501, after 2500 samples": lambda t: _relabelled(t, "1 1 5 2490 2501"),
    "a sample after 10000000": lambda t: _relabelled(t, "1 1 5 2490 10000000000"),
    "acc_exp01_user01.txt: looks like rotation": lambda t: _swap(
        t, "acc_exp01_user01.txt", "gyro_exp01_user01.txt"
    ),
    "acc_exp02_user01.txt, line 701: 1e\\+05 is more": lambda t: _with_sample(
        t, "acc_exp02_user01.txt", "1e5 0 0"
    ),
    "gyro_exp02_user01.txt, line 701: 1e\\+300 is more": lambda t: _with_sample(
        t, "gyro_exp02_user01.txt", "0 1e300 0"
    ),
}


@pytest.mark.parametrize("message", SLIPS)
def test_slips_in_an_original_are_refused_in_one_line(small, tmp_path, message):
    texts = _texts(small)
    SLIPS[message](texts)
    with pytest.raises(ValueError, match=message) as caught:
        recordings.load(_as_folder(texts, tmp_path))
    _one_line(caught)


def test_an_archive_packed_by_macos_is_read(small, tmp_path):
    inner = _as_zip(_texts(small), tmp_path / "inner.zip").read_bytes()
    packed = {
        "HAPT/.DS_Store": b"\x00\x00\x00\x01Bud1",
        "HAPT/RawData.zip": inner,
        "__MACOSX/HAPT/._RawData.zip": b"\x00\x05\x16\x07",
    }
    _assert_equal(recordings.load(_as_zip(packed, tmp_path / "a.zip")), small)
    _assert_equal(recordings.load(_as_folder(packed, tmp_path / "folder")), small)


def test_a_vast_file_is_refused_before_it_is_read(small, tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "LARGEST_FILE", 100_000)
    for place in (
        _as_zip(_texts(small), tmp_path / "a.zip"),
        _as_folder(_texts(small), tmp_path / "b"),
    ):
        with pytest.raises(ValueError, match="more than 100,000") as caught:
            recordings.load(place)
        _one_line(caught)
