"""The explorer shows what is picked, with controls where somebody can use them."""

import base64
import io

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from PIL import Image

from har_utils import plots, recordings, training
from har_utils.course import explorer
from har_utils.dataset import TEST_SUBJECTS

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def _style():
    plots.use_style()
    yield
    plt.close("all")


@pytest.fixture
def live(monkeypatch):
    monkeypatch.setattr(training, "is_live", lambda: True)


@pytest.fixture(scope="module")
def recording():
    return recordings.load()[0]


def _predictions(recording):
    return pd.DataFrame(
        {"start": [0.0, 1.28], "stop": [2.56, 3.84], "activity": "SITTING", "confidence": 0.61}
    )


def test_without_a_window_it_is_a_picture_in_words_too(data, monkeypatch):
    monkeypatch.setattr(training, "is_live", lambda: False)
    forms, words = explorer.explore(data)._repr_mimebundle_()
    assert set(forms) == {"image/png", "text/plain"}
    picture = Image.open(io.BytesIO(base64.b64decode(forms["image/png"])))
    assert picture.width > picture.height > 100
    assert "Person 1, walking, window 1 of" in words["image/png"]["alt"]
    assert "gravity: x " in words["image/png"]["description"]


def test_in_jupyterlab_it_has_controls_and_still_the_picture(data, live):
    shown = explorer.explore(data)
    forms, _ = shown._repr_mimebundle_()
    assert {WIDGET, "image/png"} <= set(forms)
    assert "data:image/png" in shown.frame.value
    assert plt.get_fignums() == []


def test_test_subjects_cannot_be_picked(data):
    person = explorer.explore(data).controls[0]
    assert set(person.options).isdisjoint(TEST_SUBJECTS)
    with pytest.raises(ValueError, match="no training subjects"):
        explorer.explore(data.test)


def test_the_windows_are_those_of_the_person_and_activity(data, live):
    shown = explorer.explore(data)
    person, activity, window, _ = shown.controls
    shown._repr_mimebundle_()
    person.value, activity.value, window.value = 3, 4, 5
    chosen = (data.subjects == 3) & (data.labels == 4)
    assert window.max == chosen.sum()
    assert f"Person 3, standing, window 5 of {chosen.sum()}" in shown.frame.value
    person.value = 5
    assert activity.value == 4
    assert "Person 5, standing" in shown.frame.value


def test_a_slider_beyond_the_windows_of_another_choice_moves_back(data, live):
    shown = explorer.explore(data)
    person, activity, window, _ = shown.controls
    shown.draw = plots.lstm_cell  # quicker; what it shows does not matter here
    for number in person.options[:2]:
        for code in range(6):
            window.value = window.max
            person.value, activity.value = number, code
            chosen = (data.subjects == number) & (data.labels == code)
            assert 1 <= window.value <= window.max == chosen.sum()


def test_it_draws_only_when_something_changed(data, live):
    shown = explorer.explore(data.fold(0)[1])
    calls = []
    shown.draw = lambda draw=shown.draw: calls.append(1) or draw()
    shown.refresh()
    shown.refresh()
    assert len(calls) == 1


def test_a_recording_shows_what_was_done_and_what_is_said(recording, live):
    shown = explorer.explore_recording(recording, _predictions(recording))
    window, _ = shown.controls
    shown.refresh()
    assert "0.0 to 2.6 s; done: nothing; network: sitting (61 %)" in shown.frame.value
    start = recording.labels["start"].iloc[0] // 64 + 2
    window.value = int(start)
    assert "done: standing; network: nothing" in shown.frame.value


def test_a_recording_needs_neither_labels_nor_predictions(recording):
    bare = recordings.Recording(
        1, 1, recording.acceleration[:200], recording.rotation[:200], recording.labels[:0]
    )
    shown = explorer.explore_recording(bare)
    assert shown.controls[0].max == 2
    assert "One window" in shown.picture()[1]["alt"]


def test_a_recording_opens_at_the_window_asked_for(recording):
    opened = explorer.explore_recording(recording, first=11)
    assert "12.8 to 15.4 s" in opened.picture()[1]["alt"]
    window = explorer.explore_recording(recording, first=10**6).controls[0]
    assert window.value == window.max


def test_what_cannot_be_explored_is_refused_in_one_line(recording):
    with pytest.raises(ValueError, match=r"^predictions: no column confidence$"):
        explorer.explore_recording(recording, _predictions(recording).drop(columns="confidence"))
    short = recordings.Recording(
        1, 1, recording.acceleration[:99], recording.rotation[:99], recording.labels[:0]
    )
    with pytest.raises(ValueError, match=r"^no 2.56 s of the recording are without a gap$"):
        explorer.explore_recording(short)
