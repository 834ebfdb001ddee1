"""Tests of `others`: other people's data sets, each fault of theirs on a small made-up input."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from har_utils import signals
from har_utils.others import protocol, trials, windows

RATE = signals.SAMPLING_RATE


def write(folder: Path, name: str, content: bytes | str) -> None:
    """Write a file, its folders too."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def lines(numbers: np.ndarray, end: str = "\n") -> str:
    """Print a table of numbers."""
    return "".join(",".join(f"{value:g}" for value in row) + end for row in np.atleast_2d(numbers))


def usc_had_file(readings: np.ndarray, **fields: object) -> bytes:
    """Return a file of USC-HAD."""
    stream = io.BytesIO()
    savemat(stream, {"sensor_readings": readings, **fields})
    return stream.getvalue()


def still(n: int, *values: float) -> np.ndarray:
    """Return the same sample `n` times."""
    return np.tile(np.array(values, dtype=float), (n, 1))


# --- Where the sets are -------------------------------------------------------------------------


def test_load_says_what_is_missing_and_where_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no files of USC-HAD .*sipi\.usc\.edu"):
        trials.load("usc_had", tmp_path)


def test_load_refuses_a_set_it_does_not_know(tmp_path):
    with pytest.raises(ValueError, match="no data set is called 'mhealth'; there are usc_had"):
        trials.load("mhealth", tmp_path)


def test_load_finds_sets_by_the_variable_in_folders_and_zips(tmp_path, monkeypatch):
    write(tmp_path, "USC/USC-HAD/Subject3/a8t1.mat", usc_had_file(still(200, 1, 0, 0, 0, 0, 0)))
    with zipfile.ZipFile(tmp_path / "dsads.zip", "w") as archive:
        archive.writestr("data/a01/p2/s01.txt", lines(still(125, 9.8, 0, 0, 0, 0, 0)))
    monkeypatch.setenv("HAR_OTHERS", str(tmp_path))
    assert trials.available() == ["usc_had", "dsads"]
    assert trials.load("usc_had")[0].person == 3
    assert trials.load("dsads")[0].person == 2


def test_available_is_empty_where_there_is_no_folder(tmp_path):
    assert trials.available(tmp_path / "nowhere") == []


# --- USC-HAD ------------------------------------------------------------------------------------


def test_usc_had_turns_degrees_into_radians_and_100_hz_into_50(tmp_path):
    write(tmp_path, "Subject1/a9t1.mat", usc_had_file(still(400, 1, 0, 0, 180, 0, -90)))
    trial = trials.load("usc_had", tmp_path)[0]
    assert len(trial.acceleration) == len(trial.rotation) == 200
    assert trial.acceleration[100] == pytest.approx([1, 0, 0])
    assert trial.rotation[100] == pytest.approx([np.pi, 0, -np.pi / 2])
    assert trial.activity == "STANDING"


def test_usc_had_believes_the_name_of_a_file_not_the_fields_in_it(tmp_path):
    content = usc_had_file(still(400, 1, 0, 0, 0, 0, 0), activity_numbr="2", activity="walk-left")
    write(tmp_path, "Subject14/a3t2.mat", content)
    write(tmp_path, "Subject14/a8t2.mat", content)
    found = {trial.name: trial.activity for trial in trials.load("usc_had", tmp_path)}
    assert found == {"a3t2": "WALKING", "a8t2": "SITTING"}


def test_usc_had_counts_four_sleepers(tmp_path):
    for person in range(1, 15):
        for activity in (9, 10):
            content = usc_had_file(still(400, 1, 0, 0, 0, 0, 0))
            write(tmp_path, f"Subject{person}/a{activity}t1.mat", content)
    found = trials.load("usc_had", tmp_path)
    asleep = {trial.source for trial in found if trial.activity == "LAYING"}
    awake = {trial.source for trial in found if trial.activity == "STANDING"}
    assert len(asleep) == 4
    assert asleep & awake == {13, 14}


def test_usc_had_names_a_file_that_is_damaged(tmp_path):
    write(tmp_path, "Subject1/a9t1.mat", b"nothing")
    with pytest.raises(ValueError, match=r"Subject1/a9t1\.mat: not a file of USC-HAD"):
        trials.load("usc_had", tmp_path)


# --- SisFall ------------------------------------------------------------------------------------


def test_sisfall_scales_the_gyroscope_by_its_chip_not_by_the_readme(tmp_path):
    counts = still(400, 14.375 * 90, 0, 0, 0, -1024, 0)
    write(tmp_path, "SA01/D14_SA01_R01.txt", lines(counts))
    trial = trials.load("sisfall", tmp_path)[0]
    assert trial.rotation[50, 0] == pytest.approx(np.pi / 2)
    assert trial.rotation[50, 0] / np.radians(14.375 * 90 * 4000 / 2**16) == pytest.approx(
        1.14, abs=0.01
    )
    assert trial.acceleration[50] == pytest.approx([0, -1, 0])


def test_sisfall_reads_the_publishers_nine_columns_and_line_ends(tmp_path):
    row = "  17,-179, -99, 115, 0, 0, 0,-1024, 0;\r\n"
    write(tmp_path, "SE06/D14_SE06_R02.txt", row * 400)
    trial = trials.load("sisfall", tmp_path)[0]
    assert trial.person == 106
    assert trial.rotation[50, 0] == pytest.approx(np.radians(115 / 14.375))
    assert trial.acceleration[50] == pytest.approx([0, -1, 0])


def test_sisfall_leaves_standing_out_of_stairs(tmp_path):
    seconds = np.arange(200 * 30) / 200
    climbs = (seconds >= 10) & (seconds < 20)
    counts = still(len(seconds), 0, 0, 0, 0, -1024, 0)
    counts[:, 4] += np.where(climbs, 300 * np.sin(2 * np.pi * 2 * seconds), 0)
    write(tmp_path, "SA01/D05_SA01_R01.txt", lines(counts))
    trial = trials.load("sisfall", tmp_path)[0]
    ((start, stop),) = trial.spans
    assert trial.activity == "STAIRS"
    assert start / RATE == pytest.approx(10, abs=0.6)
    assert stop / RATE == pytest.approx(20, abs=0.6)


def test_sisfall_leaves_falls_and_later_trials_out(tmp_path):
    for name in ("F01_SA01_R01", "D05_SA01_R03", "D07_SA01_R01", "D14_SA01_R05"):
        write(tmp_path, f"SA01/{name}.txt", lines(still(400, 0, 0, 0, 0, -1024, 0)))
    assert [trial.name for trial in trials.load("sisfall", tmp_path)] == ["D14_R05"]


def test_moving_spans_bridges_pauses_shorter_than_a_second():
    seconds = np.arange(1000) / RATE
    walks = (seconds < 9) | (seconds > 9.9)
    length = 1 + np.where(walks, 0.3 * np.sin(2 * np.pi * 2 * seconds), 0)
    assert len(trials.moving_spans(length[:, np.newaxis] * [1, 0, 0])) == 1


# --- MotionSense --------------------------------------------------------------------------------

MOTIONSENSE_HEAD = (
    ",attitude.roll,gravity.x,gravity.y,gravity.z,rotationRate.x,rotationRate.y,rotationRate.z,"
    "userAcceleration.x,userAcceleration.y,userAcceleration.z\n"
)


def motionsense_file(*values: float) -> str:
    """Return a file of MotionSense in which every row is the same."""
    return MOTIONSENSE_HEAD + "".join(
        f"{row},0.5," + ",".join(map(str, values)) + "\n" for row in range(100)
    )


def test_motionsense_counts_gravity_upwards(tmp_path):
    name = "A_DeviceMotion_data/std_14/sub_7.csv"
    write(tmp_path, name, motionsense_file(0, -1, 0, 0.1, 0.2, 0.3, 0, -0.5, 0))
    trial = trials.load("motionsense", tmp_path)[0]
    assert trial.acceleration[50] == pytest.approx([0, 1.5, 0])
    assert trial.rotation[50] == pytest.approx([0.1, 0.2, 0.3])
    assert (trial.person, trial.activity) == (7, "STANDING")


def test_motionsense_leaves_other_trials_and_a_macs_own_files_out(tmp_path):
    content = motionsense_file(0, -1, 0, 0, 0, 0, 0, 0, 0)
    for name in ("wlk_8/sub_1.csv", "wlk_7/._sub_1.csv", "jog_9/sub_1.csv", "wlk_7/sub_1.csv"):
        write(tmp_path, f"A_DeviceMotion_data/{name}", content)
    assert [trial.name for trial in trials.load("motionsense", tmp_path)] == ["wlk_7"]


def test_motionsense_names_a_file_that_lacks_a_column(tmp_path):
    write(tmp_path, "A_DeviceMotion_data/std_14/sub_7.csv", "gravity.x\n1\n")
    with pytest.raises(ValueError, match=r"std_14/sub_7\.csv: lacks numbers"):
        trials.load("motionsense", tmp_path)


# --- WISDM 2019 ---------------------------------------------------------------------------------


def wisdm_lines(letter: str, seconds: np.ndarray, *values: float) -> str:
    """Return lines of WISDM."""
    shown = ",".join(map(str, values))
    return "".join(f"1600,{letter},{int(t * 1e9)},{shown};\n" for t in seconds)


def write_wisdm(folder: Path, accel: str, gyro: str) -> None:
    """Write both files of one person."""
    for sensor, text in (("accel", accel), ("gyro", gyro)):
        write(folder, f"raw/phone/{sensor}/data_1600_{sensor}_phone.txt", text)


def test_wisdm_brings_both_sensors_to_50_hz_of_the_time_they_share(tmp_path):
    accel, gyro = np.arange(100, 120, 0.05), np.arange(102, 125, 0.05)
    accel_lines = wisdm_lines("A", accel, 0, trials.G, 0) + wisdm_lines("G", accel, 1, 1, 1)
    write_wisdm(tmp_path, accel_lines, wisdm_lines("A", gyro, 0, 0, 0.5))
    (trial,) = trials.load("wisdm2019", tmp_path)
    assert len(trial.acceleration) / RATE == pytest.approx(18, abs=0.1)
    assert trial.acceleration[100] == pytest.approx([0, 1, 0])
    assert trial.rotation[100] == pytest.approx([0, 0, 0.5])
    assert trial.activity == "WALKING"


def test_wisdm_leaves_gaps_out(tmp_path):
    seconds = np.concatenate([np.arange(0, 10, 0.05), np.arange(13, 20, 0.05)])
    content = wisdm_lines("D", seconds, 0, trials.G, 0)
    write_wisdm(tmp_path, content, content)
    (trial,) = trials.load("wisdm2019", tmp_path)
    assert len(trial.spans) == 2
    assert trial.spans[0][1] / RATE == pytest.approx(10, abs=0.1)
    assert trial.spans[1][0] / RATE == pytest.approx(13, abs=0.1)


def test_wisdm_sorts_lines_by_time(tmp_path):
    seconds = np.random.default_rng(0).permutation(np.arange(0, 10, 0.05))
    content = wisdm_lines("E", seconds, 0, trials.G, 0)
    write_wisdm(tmp_path, content, content)
    assert len(trials.load("wisdm2019", tmp_path)[0].spans) == 1


def test_wisdm_names_the_file_that_is_missing(tmp_path):
    content = wisdm_lines("E", np.arange(0, 10, 0.05), 0, 9.8, 0)
    write(tmp_path, "raw/phone/accel/data_1600_accel_phone.txt", content)
    with pytest.raises(FileNotFoundError, match=r"data_1600_gyro_phone\.txt of WISDM is missing"):
        trials.load("wisdm2019", tmp_path)


def test_protocol_load_says_in_one_line_which_set_cannot_be_read(tmp_path):
    content = wisdm_lines("7", np.arange(0, 10, 0.05), 0, 9.8, 0)
    write_wisdm(tmp_path, content, content)
    with pytest.raises(ValueError, match=r"WISDM.* cannot be read \(.*\); get it anew from http"):
        protocol.load(["wisdm2019"], tmp_path)


# --- DSADS --------------------------------------------------------------------------------------


def test_dsads_drops_the_second_of_zeros_at_the_end_of_a_file(tmp_path):
    measured = still(100, 9.80665, 0, 0, 0, 0, 0.5)
    for piece in (1, 2):
        content = lines(np.vstack([measured, np.zeros((25, 6))]))
        write(tmp_path, f"data/a05/p1/s0{piece}.txt", content)
    (trial,) = trials.load("dsads", tmp_path)
    assert len(trial.acceleration) / RATE == pytest.approx(8, abs=0.1)
    assert trial.acceleration == pytest.approx(np.tile([1.0, 0, 0], (len(trial.acceleration), 1)))


def test_dsads_joins_files_that_go_on_and_keeps_others_apart(tmp_path):
    for folder in ("a01/p2", "a05/p2", "a05/p5"):
        for piece in (1, 2, 3):
            content = lines(still(125, 9.8, 0, 0, 0, 0, 0))
            write(tmp_path, f"data/{folder}/s0{piece}.txt", content)
    found = [(trial.person, trial.name) for trial in trials.load("dsads", tmp_path)]
    assert found == [(2, "a01"), (2, "a05s01"), (2, "a05s02"), (2, "a05s03"), (5, "a05")]


def test_dsads_takes_the_chest_of_45_columns_and_eight_of_19_activities(tmp_path):
    numbers = np.tile(np.arange(45.0), (125, 1))
    for activity in ("a03", "a12"):
        write(tmp_path, f"data/{activity}/p1/s01.txt", lines(numbers))
    (trial,) = trials.load("dsads", tmp_path)
    assert trial.activity == "LAYING"
    assert trial.acceleration[10] * trials.G == pytest.approx([0, 1, 2])
    assert trial.rotation[10] == pytest.approx([3, 4, 5])


def test_dsads_names_a_damaged_file(tmp_path):
    write(tmp_path, "data/a01/p1/s01.txt", "1,2,3\n4,5,6\n")
    with pytest.raises(ValueError, match=r"a01/p1/s01\.txt: not a table of 6 or 45 numbers"):
        trials.load("dsads", tmp_path)


# --- Windows ------------------------------------------------------------------------------------


def made_up_trial(n: int, spans: tuple[tuple[int, int], ...], activity: str = "WALKING"):
    """Return a trial in which nothing moves."""
    rest = still(n, 1, 0, 0)
    return trials.Trial("dsads", 1, 1, "a09", activity, rest, 0 * rest, spans)


def test_span_starts_leave_five_seconds_out_where_a_window_remains():
    assert windows.span_starts(made_up_trial(1000, ((0, 1000),)))[0] == 250
    assert windows.span_starts(made_up_trial(300, ((0, 300),))).tolist() == [0, 64, 128]


def test_span_starts_stay_within_their_spans():
    starts = windows.span_starts(made_up_trial(2000, ((300, 500), (900, 1000), (1500, 1628))))
    assert starts.tolist() == [300, 364, 1500]


def test_cut_gives_windows_of_rest_for_rest():
    found = windows.cut("dsads", [made_up_trial(1000, ((0, 1000),), "STAIRS")])
    assert found.windows.shape == (len(found), 128, 9)
    assert found.windows.dtype == np.float32
    assert found.windows[0, :, 6] == pytest.approx(np.ones(128), abs=1e-3)
    assert found.windows[0, :, :6] == pytest.approx(np.zeros((128, 6)), abs=1e-3)
    assert set(found.activity) == {windows.STAIRS}
