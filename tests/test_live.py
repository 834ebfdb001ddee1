"""The page that recognises does in a real browser what the course does in Python."""

import json
import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import browser
import numpy as np
import pytest

from har_utils import (
    dataset,
    deployment,
    in_browser,
    models,
    phone,
    placement,
    recordings,
    signals,
    training,
)
from har_utils.build import live, site
from har_utils.others import network, trials
from har_utils.placement import PlaceFinder
from har_utils.recordings import Recording

LARGEST = 300_000
FINDER = PlaceFinder(
    mean=np.array([-1.5, -1.3, -0.5, -0.2, 0.5]),
    spread=np.array([0.5, 0.4, 0.3, 0.6, 1.0]),
    weights=np.array([0.5, -0.7, 0.3, 1.5, 1.1]),
    bias=0.2,
)
"""Finds pockets in some way: as good as any where only the arithmetic matters."""

SWING = PlaceFinder(np.array([-2.4]), np.array([0.8]), np.array([2.9]), 0.8, "angle")
"""Finds pockets by how far a phone swings."""

PLACINGS = [
    in_browser.Placing(SWING, "angle", 0.5),
    in_browser.Placing(FINDER, "gait", 0.0),
    in_browser.Placing(FINDER, "network", 1.0),
    in_browser.Placing(FINDER, "both", 0.5),
]

MODELS = deployment.best_model().parent

# --- Without a browser --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole() -> Recording:
    """The recording that the page replays a part of."""
    return next(one for one in recordings.load() if one.experiment == live.REPLAYED)


@pytest.fixture(scope="module")
def recording(whole) -> Recording:
    """A hundred seconds in which somebody lies, gets up, walks and climbs stairs."""
    part = slice(live.busiest(whole), live.busiest(whole) + 5000)
    return replace(whole, acceleration=whole.acceleration[part], rotation=whole.rotation[part])


def _write(folder: Path, known: dict | None = None) -> Path:
    """Write the page as a site of its own; return it."""
    filled = live.page()
    if known:
        filled |= {"settings": known, "settings_json": json.dumps(known)}
        filled["settings_json"] = live.Markup(filled["settings_json"])
    page = site.Page("live.html", live.TITLE, site._fill("live.html", **filled))
    groups = [site.Group("Course", []), site.Group("Lessons", []), site.Group("More", [page])]
    site._write(folder, page, groups, "")
    for name in site.ASSETS:
        shutil.copyfile(site.TEMPLATES / "site" / name, folder / name)
    return folder / "live.html"


def test_upward_of_rest_is_not_known_before_somebody_moved_for_long_enough():
    still = np.zeros((3, signals.WINDOW, 9))
    still[..., 8] = 1
    moving = np.repeat(still[:1], in_browser.LEAST_MOVING, axis=0)
    moving[..., 8] += 0.3 * np.sin(np.arange(signals.WINDOW))
    short = moving[:2, :, [0, 1, 2, 3, 4, 5, 8, 7, 6]]  # with x up
    up = in_browser.upward(np.concatenate([short, still, moving, still]))
    np.testing.assert_allclose(up[:2], np.tile([1, 0, 0], (2, 1)), atol=1e-9)
    assert np.isnan(up[2:5]).all()
    np.testing.assert_allclose(
        up[5:], np.tile([0, 0, 1], (in_browser.LEAST_MOVING + 3, 1)), atol=1e-9
    )


def test_upward_forgets_how_the_phone_was_carried_before():
    moving = np.zeros((2 * in_browser.REMEMBERED, signals.WINDOW, 9))
    moving[: in_browser.REMEMBERED, :, 6] = moving[in_browser.REMEMBERED :, :, 7] = 1
    moving *= 1 + 0.3 * np.sin(np.arange(signals.WINDOW))[:, np.newaxis]
    up = in_browser.upward(moving)
    np.testing.assert_allclose(up[in_browser.REMEMBERED - 1], [1, 0, 0], atol=1e-9)
    np.testing.assert_allclose(up[-1], [0, 1, 0], atol=1e-9)


def test_views_show_several_headings():
    shown = in_browser.views()
    np.testing.assert_allclose(shown @ [1, 0, 0], np.tile([1, 0, 0], (len(shown), 1)), atol=1e-9)
    seen = {tuple(np.round(view @ [0, 1, 0]).astype(int)) for view in shown}
    assert seen == {(0, 1, 0), (0, 0, 1), (0, -1, 0), (0, 0, -1)}


def test_resample_keeps_lines_and_the_range_of_what_was_measured():
    generator = np.random.default_rng(1)
    seconds = np.cumsum(generator.uniform(0.001, 0.03, 300))
    line = in_browser.resample(seconds, np.column_stack([seconds, 3 - 2 * seconds]))
    assert line[:, 0] == pytest.approx(seconds[1] + np.arange(len(line)) / signals.SAMPLING_RATE)
    assert line[:, 1] == pytest.approx(3 - 2 * line[:, 0])
    steps = generator.choice([-1.0, 1.0], (300, 1))
    assert np.abs(in_browser.resample(seconds, steps)).max() <= 1


def test_as_browser_gives_its_units_to_a_tenth():
    given = in_browser.as_browser(np.array([[1, 0, -1.0]]), np.array([[math.pi, 0.001, -0.1]]))
    np.testing.assert_allclose(given, [[9.8, 0, -9.8, 180, 0.1, -5.7]], atol=1e-9)


def test_as_events_come_sixty_times_a_second_and_never_backwards(recording):
    seconds, given = in_browser.as_events(recording, np.random.default_rng(0))
    steps = np.diff(seconds)
    assert 1 / steps.mean() == pytest.approx(60, rel=0.01)
    assert 0.005 < steps.min() < steps.max() < 0.03
    length = np.median(np.linalg.norm(given[:, :3], axis=1))
    assert length == pytest.approx(phone.STANDARD_GRAVITY, rel=0.1)


def test_layers_refuse_a_network_that_the_page_cannot_run():
    with pytest.raises(ValueError, match=r"lstm\w*: the page knows no layer LSTM"):
        live.layers(models.build("single_lstm", width=0.05))


def test_busiest_part_has_the_most_activities(whole):
    first = live.busiest(whole)
    shown = whole.labels[
        (whole.labels["stop"] > first)
        & (whole.labels["start"] < first + live.REPLAYED_SECONDS * signals.SAMPLING_RATE)
    ]
    assert shown["activity"][shown["activity"] <= 6].nunique() >= 4


def test_labels_are_stretches_of_what_was_tapped(tmp_path):
    file = tmp_path / "recording.csv"
    tapped = ["", "WALKING", "WALKING", "SITTING", "SITTING", "WALKING"]
    rows = [f"{i / 10 + 5},0,0,9.8,0,0,0,{name}" for i, name in enumerate(tapped)]
    file.write_text("\n".join([",".join(in_browser.TITLES), *rows]))
    names, starts, stops = zip(*in_browser.labels(file), strict=True)
    assert names == ("WALKING", "SITTING", "WALKING")
    assert starts == pytest.approx((0.1, 0.3, 0.5))
    assert stops == pytest.approx((0.2, 0.4, 0.5))
    file.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"recording.csv: no columns 'time \(s\)' and 'activity'"):
        in_browser.labels(file)


def test_labels_need_something_that_was_tapped(tmp_path):
    file = tmp_path / "page.csv"
    file.write_text(f"{','.join(in_browser.TITLES)}\n")
    with pytest.raises(ValueError, match=r"page\.csv: nothing was tapped"):
        in_browser.labels(file)


def test_costs_score_what_a_browser_gives_of_the_test_windows(data, monkeypatch):
    one = data.take((data.table["recording"] == 3).to_numpy())
    monkeypatch.setattr(in_browser, "N_CLOCKS", 1)
    monkeypatch.setattr(in_browser.dataset, "load", lambda: SimpleNamespace(test=one))
    found = in_browser.costs({"tiny": deployment.load_model(MODELS / "modern_tiny.keras")})
    assert len(found) == found["condition"].nunique() == 5
    accuracy = found.set_index("condition")["accuracy"]
    assert accuracy["as published"] > 0.5  # chance: a sixth
    assert accuracy["uneven clock, rounded"] == pytest.approx(accuracy["as published"], abs=0.2)


def test_page_costs_score_answers_within_one_activity(whole, recording):
    first = live.busiest(whole)
    labels = recording.labels.assign(
        start=(recording.labels["start"] - first).clip(0, 5000),
        stop=(recording.labels["stop"] - first).clip(0, 5000),
    )
    part = replace(recording, labels=labels)
    network = deployment.load_published(live.NETWORK)
    found = in_browser.page_costs(network, live.placing(), {"own": [part]})
    assert found["condition"].tolist() == [
        *("as measured", "rounded", "uneven clock, rounded", "turned at random")
    ]
    done = labels[labels["activity"] <= 6]
    fit = (done["stop"] - done["start"] - signals.WINDOW).clip(lower=0) / in_browser.HOP
    assert found["windows"][0] == pytest.approx(fit.sum(), abs=len(done))
    lies = labels.assign(activity=6)
    wrong = in_browser.page_costs(network, live.placing(), {"own": [replace(part, labels=lies)]})
    assert found["accuracy"][0] > wrong["accuracy"][0] + 0.2


def test_costs_are_said_of_every_data_set_that_was_scored(tmp_path, monkeypatch):
    monkeypatch.setattr(live.results, "published_folder", lambda: tmp_path)
    assert live.costs() == []
    file = tmp_path / in_browser.PAGE_TABLE
    file.parent.mkdir()
    rows = ["hapt,as measured,0,0.91", "hapt,turned at random,0,0.2"]
    rows += [f'hapt,"uneven clock, rounded",{clock},{0.8 + clock / 10}' for clock in (0, 1)]
    file.write_text("\n".join(["data_set,condition,clock,accuracy", *rows]))
    [(who, before, after)] = live.costs()
    assert who == "nine test people"
    assert (before.split()[0], after.split()[0]) == ("91.0", "85.0")


def test_other_people_walk_first_and_keep_their_labels(monkeypatch):
    def trial(activity, value):
        signal = np.full((200, 3), value)
        return trials.Trial("made up", 7, 7, activity, activity, signal, signal, ((0, 200),))

    found = [trial("SITTING", 4.0), trial("RUNNING", 9.0), trial("WALKING", 1.0)]
    monkeypatch.setattr(trials, "load", lambda name: [*found, *found, *found])
    (one,) = in_browser.other_people("made up")
    assert one.acceleration[::200, 0].tolist() == [1, 1, 4, 4]
    assert one.labels[recordings.LABEL_COLUMNS].to_numpy().tolist() == [
        *([1, 0, 200], [1, 200, 400], [4, 400, 600], [4, 600, 800])
    ]


# --- In a browser -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """The page."""
    return _write(tmp_path_factory.mktemp("site"))


@pytest.fixture
def window(started) -> Iterator[browser.Browser]:
    """A browser that had nothing to complain of in the end."""
    started.size(390)
    started.complaints.clear()
    yield started
    started.evaluate("stop()")
    assert started.complaints == []


IPHONE = """
Object.defineProperty(navigator, "vendor", { get: () => "Apple Computer, Inc." });
Object.defineProperty(navigator, "maxTouchPoints", { get: () => 5 });
window.asked = 0;
DeviceMotionEvent.requestPermission = async () => { window.asked += 1; return "granted"; };
"""

SEND = """(events, sign, label) => {
  const found = [];
  for (const [seconds, x, y, z, alpha, beta, gamma] of events) {
    const event = new DeviceMotionEvent("devicemotion", {
      accelerationIncludingGravity: { x: sign * x, y: sign * y, z: sign * z },
      rotationRate: { alpha, beta, gamma }, interval: 1,
    });
    Object.defineProperty(event, "timeStamp", { value: seconds * 1000 });
    const before = state.answers.at(-1);
    dispatchEvent(event);
    const now = state.answers.at(-1);
    if (now !== before) found.push([now.begin, ...now.probability]);
  }
  return found;
}"""


def _open(window: browser.Browser, page: Path, before: str = "") -> None:
    """Open the page as a browser in which some script ran first."""
    known = window.send("Page.addScriptToEvaluateOnNewDocument", source=before)["identifier"]
    window.open(page)
    window.send("Page.removeScriptToEvaluateOnNewDocument", identifier=known)


def _send(window: browser.Browser, seconds: np.ndarray, given: np.ndarray, sign: int) -> np.ndarray:
    """Let the page hear events; return first sample and probabilities of all it answered."""
    events = np.column_stack([seconds, given])
    parts = np.array_split(events, len(events) // 500 + 1)  # no single call takes long
    found = [window.evaluate(f"({SEND})({json.dumps(p.tolist())}, {sign})") for p in parts]
    return np.array([answer for part in found for answer in part])


MOVES = 2400
"""The first event at which the person of the recording is up and about."""

WORN, TURNED = [0, 1, 2, 3, 4, 5], [1, 2, 0, 4, 5, 3]


@pytest.mark.parametrize(
    ("before", "sign", "axes", "first"),
    [("", 1, WORN, 0), (IPHONE, -1, TURNED, MOVES)],
    ids=["android", "iphone"],
)
def test_events_are_answered_as_python_answers(window, page, recording, before, sign, axes, first):
    seconds, given = in_browser.as_events(recording, np.random.default_rng(2))
    seconds, given = seconds[first:], given[first:, axes]
    _open(window, page, before)
    window.evaluate("start()")
    answers = _send(window, seconds, given, sign)
    model = in_browser.rounded(models.prepare().models.load_model(live.NETWORK, compile=False))
    expected = in_browser.predict(model, in_browser.windows(seconds, given), live.placing())
    assert len(expected) > (100 if first else 250)
    assert (answers[:, 0] == in_browser.HOP * np.arange(len(expected))).all()
    np.testing.assert_allclose(answers[:, 1:], expected, atol=1e-4)
    assert (answers[:, 1:].argmax(axis=1) == expected.argmax(axis=1)).all()
    assert len(set(expected.argmax(axis=1))) >= 3
    assert window.evaluate("window.asked ?? 0") == (sign < 0)
    assert ("turned round" in window.evaluate("element('signs').textContent")) == (sign < 0)


def _for_any_place():
    """Return a network that answers for each place, with weights that make it say something."""
    models.prepare().utils.set_random_seed(0)
    model = network.build(network.Settings(filters=(8, 8, 8, 8), n_listeners=8))
    generator = np.random.default_rng(0)
    for layer in model.layers:
        shapes = [np.shape(values) for values in layer.get_weights()]
        # The log-odds of what is nearly certain are not to be had in float32.
        spread = 0.1 if layer.name == "place" else 0.4
        drawn = [generator.normal(0.0, spread, shape) for shape in shapes]
        layer.set_weights(
            [np.abs(v) + 0.5 if len(s) == 1 else v for v, s in zip(drawn, shapes, strict=True)]
        )
    return model


@pytest.mark.parametrize("placing", PLACINGS, ids=lambda placing: placing.way)
def test_events_are_answered_by_a_network_for_any_place(window, tmp_path, recording, placing):
    model = _for_any_place()
    seconds, given = in_browser.as_events(recording, np.random.default_rng(5))
    seconds, given = seconds[MOVES:], given[MOVES:, TURNED]
    known = live._settings() | live.of_network(model, placing)
    _open(window, _write(tmp_path, known))
    window.evaluate("start()")
    answers = _send(window, seconds, given, 1)[:, 1:]
    expected = in_browser.predict(
        in_browser.rounded(model), in_browser.windows(seconds, given), placing
    )
    np.testing.assert_allclose(answers, expected, atol=1e-4)
    assert expected.std(axis=0).max() > 0.05
    pocket = window.evaluate("state.answers.at(-1).pocket")
    assert 0.05 < abs(pocket - 0.5) < 0.5
    place = "in a trouser pocket" if pocket > 0.5 else "at the waist, hip or chest"
    assert place in window.evaluate("place({ ...state.answers.at(-1), phone: { swing: 9 } })")


@pytest.mark.parametrize("name", ["modern_small", "modern_tiny", "modern_integer"])
def test_answers_are_those_of_the_network(window, tmp_path, name):
    model = deployment.load_model(MODELS / f"{name}.keras")
    window.open(_write(tmp_path, live._settings() | {"network": live.layers(model)}))
    shown = dataset.load("smoke").windows[::25]
    answers = window.evaluate(
        f"{json.dumps(shown.tolist())}.map(one => Array.from(answer(one)[0][0]))"
    )
    expected = training.predict(in_browser.rounded(model), shown)
    np.testing.assert_allclose(answers, expected, atol=1e-5)


def test_no_place_is_told_without_a_gyroscope(window, page, recording):
    seconds, given = in_browser.as_events(recording, np.random.default_rng(2))
    seconds, given = seconds[MOVES:], given[MOVES:] * [1, 1, 1, 0, 0, 0]
    _open(window, page)
    window.evaluate("start()")
    answers = _send(window, seconds, given, 1)[:, 1:]
    model = models.prepare().models.load_model(live.NETWORK, compile=False)
    cut = in_browser.windows(seconds, given)
    expected = in_browser.predict(in_browser.rounded(model), cut, live.placing())
    np.testing.assert_allclose(answers, expected, atol=1e-4)
    assert window.evaluate("state.answers.at(-1).pocket") == 0.5
    assert window.evaluate("Boolean(state.answers.at(-1).up)")


def test_a_pause_starts_the_filters_anew(window, page, recording):
    seconds, given = in_browser.as_events(recording, np.random.default_rng(2))
    seconds, given = seconds[:1300], given[:1300]
    seconds[1000:] += 3
    _open(window, page)
    window.evaluate("start()")
    begins = _send(window, seconds, given, 1)[:, 0]
    again = int(np.flatnonzero(np.diff(begins) < 0)[0]) + 1
    assert begins[again] == 0
    expected = 1000 / 60 * signals.SAMPLING_RATE - signals.WINDOW
    assert again == pytest.approx(expected / in_browser.HOP, abs=1.5)


STEPS = """(pause) => {
  const heard = new Recogniser();
  for (let i = 0; i < 6 * 240; i += 1) {
    const seconds = i / 60 + pause * Math.floor(i / 240);
    heard.hear(seconds, [9.8 + 4 * Math.sin(4 * Math.PI * seconds), 0, 0], [0, 0, 0]);
  }
  return heard.carrying.known;
}"""


def test_steps_between_pauses_do_not_last(window, page):
    _open(window, page)
    assert window.evaluate(f"({STEPS})(0)")
    assert not window.evaluate(f"({STEPS})(96)")


REFUSED = {
    "insecure": "Object.defineProperty(window, 'isSecureContext', { get: () => false });",
    "denied": "DeviceMotionEvent.requestPermission = async () => 'denied';",
    "none": "delete window.DeviceMotionEvent;",
}


@pytest.mark.parametrize("reason", [*REFUSED, "silent", "not asked"])
def test_what_cannot_be_had_is_said_in_one_sentence(window, page, reason):
    scripts = REFUSED | {
        "silent": "",
        "not asked": "DeviceMotionEvent.requestPermission = () => Promise.reject(new Error());",
    }
    _open(window, page, scripts[reason])
    window.evaluate("element('start').click()")
    expected = {"silent": "none", "not asked": "denied"}.get(reason, reason)
    status = "document.getElementById('live-status').textContent"
    window.wait_for(f"{status} === REFUSALS.{expected}")
    assert window.evaluate(f"{status}.match(/[.](?= |$)/g).length") == 1
    assert not window.evaluate("element('answers').getClientRects().length")


STILL_LYING = "let told = 0; performance.now = () => Math.min((told += 100), 3400);"
"""A clock that goes ahead when it is looked at, and stops before the person gets up."""


def test_a_recording_is_replayed_where_there_are_no_sensors(window, page):
    awake = """window.locks = 0;
    Object.defineProperty(navigator, "wakeLock", { value: { request: async () => {
      window.locks += 1; return { release: () => { window.locks -= 1; } }; } } });"""
    _open(window, page, REFUSED["none"] + awake + STILL_LYING)
    window.evaluate("element('replay').click()")
    window.wait_for("state.answers.length > 2")
    assert window.evaluate("window.locks") == 1
    assert window.evaluate("element('activity').textContent") == "lying"
    assert window.evaluate("element('doubts').children.length") > 0
    assert "walk a few steps" in window.evaluate("element('doubts').textContent")
    assert not window.evaluate("document.documentElement.scrollWidth > innerWidth")
    window.evaluate("element('replay').click()")
    assert window.evaluate("window.locks") == 0
    assert window.evaluate("state.from") is None


def test_what_is_shown_of_the_phone_follows_gravity_and_motion(window, page):
    window.open(page)
    window.evaluate("state.turns = true")
    for gravity, words in (
        ([1, 0, 0], "right edge up, 0° off"),
        ([0, -1, 0], "bottom edge up, 0° off"),
        ([0, 0.5, 0.8660254], "screen up, 30° off"),
    ):
        assert window.evaluate(f"turned({{ gravity: {gravity} }})") == words
    for phone_like, words in (
        ("{ swing: 0 }, up: [1, 0, 0]", "does not move"),
        ("{ swing: 0.1 }, up: false", "before you walk"),
        ("{ swing: 0.8 }, up: [1, 0, 0], pocket: 0.1", "at the waist, hip or chest, 90 %"),
        ("{ swing: 3.0 }, up: [1, 0, 0], pocket: 0.8", "in a trouser pocket, 80 %"),
    ):
        assert words in window.evaluate(f"place({{ phone: {phone_like} }})")


DOUBTS = {
    "measurements a second": "state.times = [0, 1, 2]",
    "no gyroscope": "state.turns = false",
    "walk a few steps": "last.up = false",
    "for sure": "last.pocket = 0.5",
    "lying looks like sitting": "last.pocket = 0.9; last.best = SETTINGS.quiet[0]; "
    "last.probability = [0, 0, 0, 1, 0, 0]",
    "more than walking": "last.phone.motion = 1",
    "strength of running": "last.phone.motion = 1; last.phone.runs = true",
    "Nobody seems to wear": "last.phone.swing = 0",
    "not sure": "last.probability = [0.4, 0.3, 0.3, 0, 0, 0]",
}


def test_a_run_is_known_from_a_walk_as_python_knows_it(window, page, whole):
    window.open(page)
    known = dataset.cut(whole).windows[::9]
    run = known[placement.steps(known)][:6].copy()
    bounce = 0.8 * np.sin(2 * np.pi * 2.7 * np.arange(signals.WINDOW) / signals.SAMPLING_RATE)
    run[:, :, 6] += bounce.astype(np.float32)
    seen = np.concatenate([known, run])
    each = "(w) => { const { motion, runs } = describe(w); return [motion, runs]; }"
    told = window.evaluate(f"{json.dumps(np.round(seen, 5).tolist())}.map({each})")
    motion, runs = zip(*told, strict=True)
    np.testing.assert_allclose(motion, placement.motion(seen), atol=1e-4)
    assert list(runs) == placement.running(seen).tolist()
    assert any(runs)
    assert not all(runs)
    paces = window.evaluate(
        f"{json.dumps(run.tolist())}.map((w) => pace(w.map((row) => norm(row.slice(6)))))"
    )
    np.testing.assert_allclose(paces, placement.pace(run), atol=1e-6)


def test_doubts_are_said_one_by_one(window, page):
    window.open(page)
    usual = """state.turns = true; state.times = [0, 1 / 60];
    last = { phone: { motion: 0.2, swing: 0.8 }, up: [1, 0, 0], pocket: 0.1, best: 0,
             probability: [1, 0, 0, 0, 0, 0] };"""
    assert window.evaluate(f"{usual} doubts(last)") == []
    for words, change in DOUBTS.items():
        (doubt,) = window.evaluate(f"{usual} {change}; doubts(last)")
        assert words in doubt


def test_what_is_saved_is_read_with_its_labels(window, page, recording, tmp_path):
    seconds, given = in_browser.as_events(recording, np.random.default_rng(3))
    seconds, given = seconds[MOVES : MOVES + 1800], given[MOVES : MOVES + 1800]
    _open(window, page, IPHONE)
    window.evaluate("start()")
    half = len(seconds) // 2
    _send(window, seconds[:half], given[:half], -1)
    window.evaluate("[...element('labels').querySelectorAll('button')][1].click()")
    _send(window, seconds[half:], given[half:], -1)
    window.wait_for("!element('save').disabled")
    saved = (
        "new Promise(done => { URL.createObjectURL = blob => { done(blob.text()); return '#'; };"
    )
    text = window.evaluate(f"{saved} element('save').click(); }})")
    file = tmp_path / "recording.csv"
    file.write_text(text)
    read = phone.read(file)
    assert read.notes == ()
    assert read.has_gyroscope
    own = signals.resample(seconds, given, seconds[0], len(read.acceleration))
    expected = np.hstack([own[:, :3] / phone.STANDARD_GRAVITY, np.radians(own[:, 3:])])
    differs = np.abs(np.hstack([read.acceleration, read.rotation]) - expected)
    assert np.quantile(differs, 0.98) < 1e-3  # an even or an uneven stretch is a close call
    assert differs.max() < 0.1
    ((activity, start, stop),) = in_browser.labels(file)
    assert activity == dataset.ACTIVITIES[1]
    assert start == pytest.approx(seconds[half] - seconds[0], abs=1e-3)
    data = dataset.load("smoke").train
    more = dataset.with_recording(data, read, in_browser.labels(file))
    expected = (stop - start - signals.LEAST_SECONDS) * signals.SAMPLING_RATE // signals.STRIDE + 1
    assert len(more) - len(data) == pytest.approx(expected, abs=1)


def test_turning_the_signs_round_turns_what_was_kept(window, page):
    window.open(page)
    window.evaluate("state.kept = [[0, 1, -2, 3, 4, 5, 6, '']]; element('flip').click()")
    assert window.evaluate("state.kept") == [[0, -1, 2, -3, 4, 5, 6, ""]]
    assert window.evaluate("element('flip').getAttribute('aria-pressed')") == "true"


def test_the_page_with_all_it_needs_is_small(page):
    assert (
        sum((page.parent / name).stat().st_size for name in ("live.html", *site.ASSETS)) < LARGEST
    )
