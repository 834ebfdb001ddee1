"""Exports of phones: read rightly, or refused with one line that says where."""

from __future__ import annotations

import gc
import zipfile
from dataclasses import replace

import exports
import numpy as np
import pandas as pd
import pytest
from quick import QuickClassifier

from har_utils import dataset, files, phone, recordings, signals
from har_utils.phone import STANDARD_GRAVITY

PARTS = {7: (74, 185), 25: (165, 276), 49: (39, 150)}
"""Test subjects' experiments, and seconds in which they do two or more activities."""


@pytest.fixture(scope="module")
def walks():
    """Return parts of real recordings, with the labels of their samples (-1: none)."""
    by_experiment = {recording.experiment: recording for recording in recordings.load()}
    return [_walk(by_experiment[number], *seconds) for number, seconds in PARTS.items()]


def _walk(recording, start, stop):
    label = np.full(len(recording.acceleration), -1)
    for row in recording.labels.query("activity <= 6").itertuples():
        label[row.start : row.stop] = row.activity - 1
    return exports.part(recording, start * 50, stop * 50), label[start * 50 : stop * 50]


@pytest.fixture(scope="module")
def quick(data):
    """Return a classifier fitted on some windows of the training subjects."""
    return QuickClassifier(data.train.take(np.arange(0, len(data.train), 4)))


@pytest.fixture
def short(walks):
    """Return eight seconds of walking."""
    walk, _ = walks[0]
    return exports.part(walk, 4500, 4900)


@pytest.fixture
def sampled(short):
    return exports.sample(short, 50)


def accuracy(classifier, recording, label, starts, shift=0):
    """Score the windows that lie within one activity."""
    of_window = label[shift + starts[:, np.newaxis] + np.arange(signals.WINDOW)]
    known = (of_window == of_window[:, :1]).all(axis=1) & (of_window[:, 0] >= 0)
    probability = classifier.predict(dataset.recording_windows(recording, starts[known]))
    return (probability.argmax(axis=1) == of_window[known, 0]).mean()


# ---- What people have --------------------------------------------------------------------------


@pytest.mark.parametrize("name", exports.FORMATS)
def test_the_activity_is_right_as_often_as_without_the_export(name, walks, quick, tmp_path):
    walk, label = walks[list(exports.FORMATS).index(name) % len(walks)]
    read = phone.read(exports.FORMATS[name](tmp_path, walk))
    shift = 25 if name == "two_files" else 0  # there the recording begins half a second late
    starts = recordings.window_starts(read)
    starts = starts[starts + shift + signals.WINDOW <= len(label)]
    exported = accuracy(quick, read, label, starts, shift)
    direct = accuracy(quick, walk, label, starts + shift)
    assert direct > 0.7
    assert exported >= direct - 0.01


SOURCES = {
    "phyphox": ("phyphox", 100),
    "sensor_logger_android": ("Sensor Logger (Android)", 100),
    "sensor_logger_ios_raw": ("Sensor Logger (iOS)", 100),
    "dates_and_commas": ("CSV", 50),
}


@pytest.mark.parametrize("name", SOURCES)
def test_the_app_and_its_rate_are_recognised(name, short, tmp_path):
    read = phone.read(exports.FORMATS[name](tmp_path, short))
    source, rate = SOURCES[name]
    assert read.source == source
    assert read.sampling_rate == pytest.approx(rate, rel=1e-3)
    assert read.has_gyroscope
    assert (read.subject, len(read.labels)) == (recordings.OWN_SUBJECT, 0)


def test_at_the_same_rate_the_numbers_are_the_same(short, tmp_path):
    read = phone.read(exports.plain(tmp_path / "walk.csv", exports.sample(short, 50)))
    n_samples = len(read.acceleration)
    np.testing.assert_allclose(read.acceleration, short.acceleration[:n_samples], atol=2e-6)
    np.testing.assert_allclose(read.rotation, short.rotation[:n_samples], atol=2e-6)


@pytest.mark.parametrize(
    ("titles", "factor"),
    [
        ("t,ax,ay,az,gx,gy,gz", 1),
        ("seconds,Accel_X,Accel_Y,Accel_Z,Gyro_X,Gyro_Y,Gyro_Z", STANDARD_GRAVITY),
        ("Time (s),acc x [g],acc y [g],acc z [g],omega_x,omega_y,omega_z", 1),
        ("timestamp,acc_x_ms2,acc_y_ms2,acc_z_ms2,gyroX,gyroY,gyroZ", STANDARD_GRAVITY),
    ],
)
def test_names_that_people_give(titles, factor, sampled, short, tmp_path):
    scaled = replace(sampled, acceleration=sampled.acceleration * factor)
    read = phone.read(exports.plain(tmp_path / "walk.csv", scaled, titles.split(",")))
    assert read.has_gyroscope
    assert read.notes == ()
    np.testing.assert_allclose(read.acceleration, short.acceleration[:-1], atol=1e-5)


def test_upright_phones_of_all_makes_agree_on_where_up_is(short, tmp_path):
    up = short.acceleration.mean(axis=0)
    for name in ("phyphox_ios", "sensor_logger_ios", "sensor_logger_ios_standardised"):
        folder = tmp_path / name
        folder.mkdir()
        read = phone.read(exports.FORMATS[name](folder, short))
        np.testing.assert_allclose(read.acceleration.mean(axis=0), up, atol=0.02)


def test_a_phone_without_gyroscope(sampled, tmp_path):
    titles = ("time", *exports.PLAIN[:3])
    content = exports.text(titles, sampled.numbers.T[:4])
    (tmp_path / "walk.csv").write_text(content)
    read = phone.read(tmp_path / "walk.csv")
    assert not read.has_gyroscope
    assert not read.rotation.any()
    zeros = replace(sampled, rotation=0 * sampled.rotation)
    assert not phone.read(exports.plain(tmp_path / "walk.csv", zeros)).has_gyroscope


def test_gravity_overrules_a_wrong_unit_in_the_names(sampled, tmp_path):
    titles = ["time", *(f"{name} (m/s^2)" for name in exports.PLAIN[:3]), *exports.PLAIN[3:]]
    read = phone.read(exports.plain(tmp_path / "walk.csv", sampled, titles))
    assert read.notes == ("acceleration is in g, though its columns say m/s²",)


def test_rotation_no_phone_can_measure_is_in_degrees(sampled, short, tmp_path):
    sampled = replace(sampled, rotation=np.rad2deg(sampled.rotation))
    read = phone.read(exports.plain(tmp_path / "walk.csv", sampled))
    np.testing.assert_allclose(read.rotation, short.rotation[:-1], atol=1e-5)


def test_windows_keep_away_from_gaps(walks, tmp_path):
    walk, _ = walks[0]
    read = phone.read(exports.milliseconds_and_g(tmp_path, walk))
    ((first, stop),) = read.gaps
    assert (first, stop) == (pytest.approx(2500, abs=2), pytest.approx(2600, abs=2))
    starts = recordings.window_starts(read)
    assert not ((starts < stop) & (starts + signals.WINDOW > first)).any()
    assert set(np.diff(starts)) > {signals.STRIDE}


def test_a_torn_last_line_is_left_out(sampled, tmp_path):
    path = exports.plain(tmp_path / "walk.csv", sampled)
    path.write_text(path.read_text()[:-30])
    assert len(phone.read(path).acceleration) == len(sampled.seconds) - 1


def test_files_of_no_use_are_left_alone(short, tmp_path):
    path = phone.as_phyphox(short, tmp_path / "walk.zip")
    with exports.zipfile.ZipFile(path, "a") as file:
        file.writestr("readme.txt", "My walk, with, many commas\nand, one\n")
        file.writestr("Location.csv", '"Time (s)","Latitude (°)"\n"broken\n')
        file.writestr("photo.jpg", b"\0\1")
    assert phone.read(path).has_gyroscope


def test_writing_for_phyphox_leaves_nothing_half_done(short, tmp_path):
    path = phone.as_phyphox(short, tmp_path / "walk.zip")
    assert list(tmp_path.iterdir()) == [path]
    with exports.zipfile.ZipFile(path) as file:
        first = file.read("Accelerometer.csv").decode().splitlines()[0]
    assert first == '"Time (s)",' + ",".join(f'"Acceleration {a} (m/s^2)"' for a in "xyz")


# ---- What is refused -----------------------------------------------------------------------------


def changed(sampled, row=100, column=1, value="?", **style):
    """Print a plain table with one cell changed."""
    lines = exports.text(("time", *exports.PLAIN), sampled.numbers.T, **style).splitlines()
    cells = lines[row - 1].split(",")
    cells[column] = value
    lines[row - 1] = ",".join(cells)
    return "\n".join(lines)


def table(sampled, *titles, scale=1.0):
    return exports.text(titles, (sampled.numbers * scale).T[: len(titles)])


PLAIN_TITLES = ("time", *exports.PLAIN)

REFUSED = {
    "not a number": (
        lambda s: changed(s, value="0.1.2"),
        r"walk.csv, column 'acc_x', row 100: '0.1.2' is not a number",
    ),
    "not a time": (
        lambda s: table(s, *PLAIN_TITLES).replace("\n", "\n2024-05-01T10:00:", 9),
        r"walk.csv, column 'time', row 11: '\d.*' is neither a number nor a time like 2024",
    ),
    "time goes back": (
        lambda s: changed(s, column=0, value="-30"),
        r"walk.csv, row 100: time goes back by 31.9 s; are these two recordings\?",
    ),
    "long pause": (
        lambda s: changed(s, row=len(s.seconds) + 1, column=0, value="3600"),
        r"walk.csv, column 'time', row \d+: 60 minutes without a sample before it; cut the file",
    ),
    "too slow": (
        lambda s: table(s.take(np.arange(0, len(s.seconds), 5)), *PLAIN_TITLES),
        r"walk.csv, column 'time': 10 samples per second; 20 are needed",
    ),
    "too slow, as dates": (
        lambda s: exports.text(
            PLAIN_TITLES,
            [np.datetime64("2024-05-01", "ms") + np.arange(9) * 100, *s.numbers.T[1:, :9]],
        ),
        r"walk.csv, column 'time': 10 samples per second; 20 are needed: set the app to 50 or more",
    ),
    "wrong unit of time": (
        lambda s: table(s, "time (s)", *exports.PLAIN, scale=[1000, *[1] * 6]),
        r"walk.csv, column 'time \(s\)': 20 s between samples is not .* per second; are these ms\?",
    ),
    "wrong unit of acceleration": (
        lambda s: table(s, *PLAIN_TITLES, scale=[1, *[1000] * 3, *[1] * 3]),
        r"walk.csv, column 'acc_x': the acceleration is 1.*e\+03 long, neither 1 \(in g\) nor 9.8",
    ),
    "wrong unit of rotation": (
        lambda s: table(
            s,
            "time",
            *exports.PLAIN[:3],
            *(f"{name} (rad/s)" for name in exports.PLAIN[3:]),
            scale=[*[1] * 4, *[57.3] * 3],
        ),
        r"walk.csv, column 'gyro_. \(rad/s\)', row \d+: -?[\d.]+ rad/s is more than any phone meas"
        r"ures; are these degrees per second\?",
    ),
    "acceleration without gravity": (
        lambda s: table(s, "time", "lin_acc_x", "lin_acc_y", "lin_acc_z"),
        r"walk.csv: only acceleration without gravity, .* record 'Acceleration \(with g\)' in phy",
    ),
    "decimal commas between commas": (
        lambda s: table(s, *PLAIN_TITLES).replace(".", ","),
        r"walk.csv, row 2: 14 fields, but row 1 names 7 columns; export with semicolons",
    ),
    "spaces between columns and in their names": (
        lambda s: exports.text(("Time (s)", *PLAIN_TITLES[1:]), s.numbers.T, separator=" "),
        r"walk.csv: columns must be separated by commas, semicolons or tabs",
    ),
    "no names": (
        lambda s: table(s, *PLAIN_TITLES).partition("\n")[2],
        r"walk.csv: row 1 holds numbers; it must name the columns, as time, acc_x, acc_y",
    ),
    "other names": (
        lambda s: table(s, "when", "one", "two", "three"),
        r"walk.csv: no acceleration found; .* understood \(it has when, one, two, three\)",
    ),
    "an axis missing": (
        lambda s: table(s, "time", "acc_x", "acc_y"),
        r"walk.csv: no column for the z axis of acceleration \(there are: time, acc_x, acc_y\)",
    ),
    "an axis twice": (
        lambda s: table(s, "time", "acc_x", "acc_y", "acc_z", "a_x"),
        r"walk.csv: 2 columns for the x axis of acceleration",
    ),
    "no times": (
        lambda s: table(s, "place", "acc_x", "acc_y", "acc_z"),
        r"walk.csv: no column of times \(there are: place, acc_x, acc_y, acc_z\)",
    ),
    "nothing measured": (
        lambda s: table(s, *PLAIN_TITLES).partition("\n")[0] + "\n0,NaN,NaN,NaN,0,0,0\n" * 5,
        r"walk.csv, column 'acc_x': no numbers in it",
    ),
    "empty": (lambda s: "", r"walk.csv: it is empty"),
    "too short": (
        lambda s: table(s.take(np.arange(100)), *PLAIN_TITLES),
        r"walk.csv: 1.98 s in which accelerometer and gyroscope recorded; a window needs 2.56 s",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_line(case, sampled, tmp_path):
    write, message = REFUSED[case]
    (tmp_path / "walk.csv").write_text(write(sampled))
    with pytest.raises(ValueError, match=f"^{message}") as error:
        phone.read(tmp_path / "walk.csv")
    assert "\n" not in str(error.value)


def logger(folder, short, platform="", **files):
    motion = exports.sample(short, 100)
    gravity, linear = exports._split(motion)
    values = {"Gravity": gravity, "Accelerometer": linear, "TotalAcceleration": gravity + linear}
    chosen = {name: (motion.seconds, values[name]) for name in files}
    return exports.sensor_logger(folder, chosen, platform, standardised=False)


def test_sensor_logger_without_gravity_or_without_its_metadata(short, tmp_path):
    with pytest.raises(ValueError, match=r"^2024.*zip: only acceleration without gravity"):
        phone.read(logger(tmp_path, short, "ios", Accelerometer=1))
    with pytest.raises(ValueError, match=r"^2024.*zip: no Metadata.csv, which tells iOS from And"):
        phone.read(logger(tmp_path, short, Accelerometer=1, Gravity=1))
    assert phone.read(logger(tmp_path, short, TotalAcceleration=1)).notes == ()


@pytest.mark.parametrize("platform", ["android", "ios"])
def test_recordings_in_count_uncalibrated_files_with_those_of_their_recording(
    platform, short, tmp_path
):
    write = getattr(exports, f"sensor_logger_{platform}")
    assert len(phone.recordings_in(write(tmp_path, short))) == 1


def test_two_recordings_in_one_folder_are_refused(short, tmp_path):
    for name in ("monday.zip", "tuesday.zip"):
        phone.as_phyphox(short, tmp_path / name)
    with pytest.raises(ValueError, match=r"acceleration twice, in .*monday.*tuesday.*; keep one"):
        phone.read(tmp_path)


def test_sensors_that_never_ran_together_are_refused(sampled, tmp_path):
    for name, seconds, values in (
        ("acc", sampled.seconds, sampled.acceleration),
        ("gyro", sampled.seconds + 100, sampled.rotation),
    ):
        content = exports.text(("t", "x", "y", "z"), [seconds, *values.T])
        (tmp_path / f"{name}.csv").write_text(content)
    with pytest.raises(
        ValueError, match=r"accelerometer from 0 to 8 s, the gyroscope from 100 to 108"
    ):
        phone.read(tmp_path)


def test_files_that_are_no_export_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        phone.read(tmp_path / "missing.zip")
    excel = exports.archive(tmp_path / "walk.xlsx", {"xl/workbook.xml": ""})
    with pytest.raises(ValueError, match=r"^walk.xlsx: (an Excel|not an Excel) file[^\n]*$"):
        phone.read(excel)
    picture = exports.archive(tmp_path / "photo.zip", {"a.jpg": ""})
    with pytest.raises(ValueError, match=r"^photo.zip: no table in it \(.csv, .tsv, .txt, .dat, "):
        phone.read(picture)
    (tmp_path / "walk.csv").write_bytes(b"SQLite\0\0\0")
    with pytest.raises(ValueError, match=r"^walk.csv: not a text file; export it as CSV$"):
        phone.read(tmp_path / "walk.csv")


# ---- Own windows in the data set -----------------------------------------------------------------


def test_labelled_stretches_join_the_training_windows(data, walks):
    walk, _ = walks[0]
    own = replace(walk, subject=100, experiment=100)
    smoke = data.take(np.isin(data.subjects, (1, 2, 3, 4)))
    labels = [("WALKING", 90, 106), ("LAYING", 2, 12.5)]
    more = dataset.with_recording(smoke, own, labels)
    added = more.table[more.table["subject"] == 100]
    assert len(more) == len(smoke) + len(added)
    assert (added["split"] == "train").all()
    assert added["activity"].value_counts()[["WALKING", "LAYING"]].tolist() == [11, 7]
    assert not set(added.index) & set(data.table.index)
    assert (more.digest, more.take(more.subjects < 100).windows.shape) != smoke.digest
    pd.testing.assert_frame_equal(more.test.table, smoke.test.table)
    train, validation = more.fold(1)
    assert 100 in train.subjects
    assert 100 not in validation.subjects


def test_own_windows_and_features_are_what_the_data_set_has(data):
    recording = next(r for r in recordings.load() if r.experiment == 7)
    rows = data.table.query("recording == 7 and activity == 'WALKING'").iloc[:5]
    start, stop = rows["start"].iloc[0] / 50, (rows["start"].iloc[-1] + 128) / 50
    own = replace(recording, subject=101, experiment=101)
    more = dataset.with_recording(data.train, own, [("WALKING", start, stop)])
    published = data.take(data.table.index.get_indexer(rows.index))
    np.testing.assert_allclose(more.windows[-5:], published.windows, atol=1e-5)
    np.testing.assert_allclose(more.features[-5:], published.features, atol=1e-4)


@pytest.mark.parametrize(
    ("subject", "label", "message"),
    [
        (5, ("WALKING", 0, 9), "subject 5: own recordings need a new one, 100 to 127"),
        (100, ("DANCING", 0, 9), "no activity is called 'DANCING'; there are WALKING, "),
        (100, ("WALKING", 3, 5), "WALKING from 3 to 5 s holds no window of 2.56 s without a gap"),
    ],
)
def test_stretches_that_cannot_be_used_are_refused(subject, label, message, data, walks):
    own = replace(walks[0][0], subject=subject)
    with pytest.raises(ValueError, match=message):
        dataset.with_recording(data, own, [label])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], "no labelled stretch"),
        ([("WALKING", 0, float("nan"))], "WALKING from 0 to nan s: not two numbers of seconds"),
        (
            [("SITTING", 5, 9), ("WALKING", 0, 6)],
            "WALKING goes on until 6 s, but SITTING begins at 5",
        ),
    ],
)
def test_stretches_that_do_not_go_together_are_refused(labels, message, data, walks):
    own = replace(walks[0][0], subject=100)
    with pytest.raises(ValueError, match=message):
        dataset.with_recording(data, own, labels)


def test_as_phyphox_leaves_gaps_out_and_keeps_pauses(tmp_path):
    motion = np.random.default_rng(0).normal(0, 0.1, (2, 3000, 3))
    motion[0, :, 0] += 1
    own = recordings.Recording(100, 100, *motion, pd.DataFrame(), gaps=np.array([[1000, 1500]]))
    again = phone.read(phone.as_phyphox(own, tmp_path / "walk.zip"))
    np.testing.assert_allclose(again.gaps, own.gaps, atol=1)
    paused = replace(own, left_out=np.array([[25.0, 30.0]]))
    again = phone.read(phone.as_phyphox(paused, tmp_path / "walk.zip"))
    np.testing.assert_allclose(again.left_out, paused.left_out, atol=0.05)
    assert recordings.window_starts(again).tolist() == recordings.window_starts(own).tolist()


@pytest.mark.filterwarnings(
    "error::ResourceWarning", "error::pytest.PytestUnraisableExceptionWarning"
)
def test_files_are_closed(tmp_path):
    file = tmp_path / "walk.csv"
    rows = "\n".join(f"{0.02 * k:.2f},0,0,{1 + 0.1 * (k % 3)}" for k in range(300))
    file.write_text(f"time,acc_x,acc_y,acc_z\n{rows}\n")
    phone.read(file)
    gc.collect()


def test_as_phyphox_writes_the_same_bytes_at_any_time(tmp_path):
    random = np.random.default_rng(0)
    walk = recordings.Recording(1, 1, *random.normal(size=(2, 300, 3)), pd.DataFrame())
    path = phone.as_phyphox(walk, tmp_path / "walk.zip")
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {files.ZIP_DATE}
    assert path.read_bytes() == phone.as_phyphox(walk, tmp_path / "again.zip").read_bytes()
