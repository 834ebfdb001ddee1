"""From Keras to a phone: LiteRT files, what is in them and what they answer."""

import signal
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from har_utils import __main__, deployment, files, forking, models, plots, results, training
from har_utils.deployment import conversion, device

WINDOWS = np.random.default_rng(0).normal(size=(20, 16, 3)).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def converters():
    """A process that has imported TensorFlow, of which every converter is a fork."""
    with forking.server(["tensorflow"], {}):
        yield


@pytest.fixture(scope="module")
def network():
    """A small network with everything the course's have: a compressed input, a norm, two pools."""
    keras = models.prepare()
    keras.utils.set_random_seed(0)
    window = keras.Input((16, 3))
    signal = keras.layers.Concatenate()([models.signed_log(window, 0.01), window])
    signal = keras.layers.Conv1D(64, 5, use_bias=False)(signal)
    signal = keras.layers.ReLU()(keras.layers.BatchNormalization()(signal))
    pooled = keras.layers.GlobalAveragePooling1D()(signal)
    return keras.Model(window, keras.layers.Dense(4, activation="softmax")(pooled))


@pytest.fixture(scope="module")
def exported(network):
    """The network as three LiteRT files, of one converter."""
    return deployment.export_all(network, ("float32", "int8", "int8_full"), WINDOWS)


@pytest.fixture(scope="module")
def converted(exported):
    """The two of them that take a window as it was measured."""
    return {precision: exported[precision] for precision in ("float32", "int8")}


def _answers(content):
    return training.predict(deployment.LiteNetwork(content), WINDOWS)


def test_float32_answers_as_keras_does(network, converted):
    keras = training.predict(network, WINDOWS)
    np.testing.assert_allclose(_answers(converted["float32"]), keras, atol=1e-5)


def test_eight_bits_answer_nearly_as_keras_does(network, converted):
    keras = training.predict(network, WINDOWS)
    np.testing.assert_allclose(_answers(converted["int8"]), keras, atol=0.03)


def test_all_of_eight_bits_reads_and_gives_integers(network, exported):
    lite = deployment.load_lite(exported["int8_full"], network, "int8_full")
    assert lite.as_input(WINDOWS).dtype == np.int8
    assert training.predict(lite, WINDOWS).sum(axis=1) == pytest.approx(1, abs=0.05)


def test_integers_read_what_has_been_log_compressed():
    """Movements of very different size: rounded as measured, the small ones would be nothing."""
    models.prepare().utils.set_random_seed(0)
    model = models.build("modern_integer")
    sizes = np.geomspace(0.001, 3, 40).reshape(-1, 1, 1)
    windows = np.random.default_rng(0).normal(size=(40, 128, 9)) * sizes
    windows = windows.astype(np.float32)
    content = deployment.export(model, "int8_full", windows)
    lite = deployment.load_lite(content, model, "int8_full")
    tensors = lite._interpreter.get_tensor_details()
    assert {np.dtype(tensor["dtype"]).name for tensor in tensors} == {"int8", "int32"}
    assert lite.as_input(windows).shape == (40, 128, 15)
    assert (lite.as_input(windows[:1]) != lite.as_input(0 * windows[:1])).any()
    exact = training.predict(model, windows)
    np.testing.assert_allclose(training.predict(lite, windows), exact, atol=0.03)


def test_eight_bits_make_a_smaller_file(converted):
    assert len(converted["int8"]) < 0.7 * len(converted["float32"])


def test_what_is_stored_are_the_rounded_weights(converted):
    exact, ones = deployment.stored_kernel(converted["float32"], (5, 6, 64))
    stored, steps = deployment.stored_kernel(converted["int8"], (5, 6, 64))
    integers, own_steps = deployment.quantise(exact)
    assert stored.dtype == np.int8
    np.testing.assert_array_equal(stored, integers)
    np.testing.assert_allclose(steps, own_steps, rtol=1e-6)
    assert (ones == 1).all()


def test_a_file_without_such_weights_says_so(converted):
    with pytest.raises(ValueError, match=r"no convolution with weights of shape \(5, 6, 9\)"):
        deployment.stored_kernel(converted["float32"], (5, 6, 9))


def test_the_same_network_gives_the_same_bytes(network, converted):
    assert deployment.export_all(network, ("int8", "float32"), WINDOWS) == converted


def test_a_crash_of_the_converter_is_one_line(network, monkeypatch):
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    _convert_with(monkeypatch, crash)
    with pytest.raises(deployment.ConversionError) as caught:
        deployment.export(network, "float32")
    assert str(caught.value) == ("no file with floats of 32 bits: the converter crashed (SIGSEGV)")


def test_after_a_crash_the_others_are_converted(network, monkeypatch):
    crash = """
import os, pathlib, sys
for name in sys.argv[2:]:
    name == "float16" and os.abort()
    pathlib.Path(sys.argv[1], name + ".tflite").write_bytes(b"file")
"""
    run = device.subprocess.run

    def instead(command, **options):
        return run([sys.executable, "-c", crash, *command[4:]], **options)

    monkeypatch.setattr(device.subprocess, "run", instead)
    monkeypatch.setattr(device, "_checked", lambda content, *_: content)
    made = deployment.export_all(network, ("float32", "float16", "dynamic"))
    assert made["float32"] == made["dynamic"] == b"file"
    assert "converter crashed (SIGABRT)" in str(made["float16"])


def test_a_file_without_the_weights_is_refused(network, converted, monkeypatch):
    def shortened(folder, precisions):
        return {"float32": converted["int8"]}

    monkeypatch.setattr(device, "_convert_aside", shortened)
    with pytest.raises(deployment.ConversionError, match="the weights are 8,704"):
        deployment.export(network, "float32")


def _convert_with(monkeypatch, code):
    """Let another program stand in for the converter."""
    run = device.subprocess.run

    def instead(command, **options):
        return run([sys.executable, "-c", code], **options)

    monkeypatch.setattr(device.subprocess, "run", instead)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("error: 'tf.Asinh' op is neither a custom op nor a flex op", "no operation Asinh"),
        ("Traceback\n  RuntimeError: not yet supported\n\n", "RuntimeError: not yet supported"),
        ("", "ended with status 1"),
    ],
)
def test_the_reason_of_a_failure_is_short(said, reason):
    assert reason in device._reason(1, said)


@pytest.mark.parametrize("status", [-signal.SIGSEGV, 128 + signal.SIGSEGV])
def test_reason_of_a_crash_names_the_signal(status):
    assert device._reason(status, "") == "the converter crashed (SIGSEGV)"


def test_reason_of_a_status_that_is_no_signal_is_the_status():
    assert device._reason(200, "") == "the converter ended with status 200"


def test_what_is_stored_in_16_bits_are_the_weights_to_three_digits(network, converted):
    exact, _ = deployment.stored_kernel(converted["float32"], (5, 6, 64))
    content = deployment.export(network, "float16", WINDOWS)
    stored, steps = deployment.stored_kernel(content, (5, 6, 64))
    assert stored.dtype == np.float32
    np.testing.assert_allclose(stored, exact, rtol=1e-3, atol=1e-6)
    assert (steps == 1).all()


def test_an_unknown_precision_is_named(network):
    with pytest.raises(ValueError, match=r"'int4'.*float32"):
        deployment.export(network, "int4")


def test_calibration_is_asked_for(network):
    with pytest.raises(ValueError, match="calibration_windows"):
        deployment.export(network, "int8")


def test_calibration_windows_are_of_training_subjects(data):
    drawn = deployment.calibration_windows(data, n_windows=5)
    train = {window.tobytes() for window in data.train.windows}
    assert len(drawn) == 5
    assert all(window.tobytes() in train for window in drawn)
    np.testing.assert_array_equal(drawn, deployment.calibration_windows(data, n_windows=5))


weights = arrays(np.float32, (3, 2, 4), elements=st.floats(-100, 100, width=32))


@given(weights)
def test_rounding_is_off_by_half_a_step_at_most(exact):
    integers, steps = deployment.quantise(exact)
    assert (np.abs(integers * steps - exact) <= 0.5001 * steps).all()
    assert np.abs(integers).max() <= 127


def test_the_largest_weight_of_a_unit_is_127_steps():
    integers, steps = deployment.quantise(np.array([[1.27, 0.0], [-0.5, 254.0]]))
    np.testing.assert_array_equal(integers, [[127, 0], [-50, 127]])
    np.testing.assert_allclose(steps, [0.01, 2.0])


def test_the_ends_stay_floats(network, converted):
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(converted["int8"])
    kinds = [
        flatbuffer_utils.opcode_to_name(model, s.opcodeIndex) for s in model.subgraphs[0].operators
    ]
    quantised = slice(kinds.index("QUANTIZE"), kinds.index("DEQUANTIZE"))
    assert "LOG" in kinds[: quantised.start]
    assert "CONV_2D" in kinds[quantised]
    assert kinds[quantised.stop + 1 :] == ["FULLY_CONNECTED", "SOFTMAX"]


def test_latency_is_measured_for_all(network, converted):
    seconds = deployment.latency(network, converted, WINDOWS[0], n_calls=3)
    assert list(seconds) == ["tensorflow", *converted]
    assert all(value > 0 for value in seconds.values())


def test_times_are_kept_with_their_processor_and_published_ones_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path)
    own = deployment.shown_latency("report", {"a": {"int8": 0.5}})
    assert own["seconds"] == {"a": {"int8": 0.5}}
    assert own["machine"]["processor"]
    files.write_json(tmp_path / "latency.json", own)
    later = {"a": {"int8": 0.7}}
    assert deployment.shown_latency("report", later) == own
    assert deployment.shown_latency("lab", later)["seconds"] == later


def test_own_weights_come_before_published_ones(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(results, "networks_folder", lambda: tmp_path / "models")
    with pytest.raises(FileNotFoundError, match="notebooks 4 to 8"):
        deployment.trained("report")
    published = tmp_path / "models" / "cnn_1d.keras"
    own = results.run_file(results.results_folder("report"), results.Key("cnn_1d"), ".keras")
    for file in (published, own):
        file.parent.mkdir(parents=True)
        file.touch()
        assert deployment.trained("report") == {"cnn_1d": file}


def test_what_a_student_trained_does_not_reach_the_report(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(results, "networks_folder", lambda: tmp_path / "models")
    file = results.run_file(results.results_folder("lab"), results.Key("modern_tiny"), ".keras")
    file.parent.mkdir(parents=True)
    file.touch()
    assert deployment.trained("lab") == {"modern_tiny": file}
    with pytest.raises(FileNotFoundError, match="notebooks 4 to 8"):
        deployment.trained("report")


def test_every_precision_has_a_marker():
    assert list(plots.PRECISION_MARKERS) == list(conversion.PRECISIONS)


def test_reference_kernels_are_asked_for_and_answer_nearly_alike(data, monkeypatch):
    import tensorflow

    asked, interpreter = [], tensorflow.lite.Interpreter

    def noted(**options):
        asked.append(options["experimental_op_resolver_type"])
        return interpreter(**options)

    monkeypatch.setattr(tensorflow.lite, "Interpreter", noted)
    content = (results.networks_folder() / "modern_integer.tflite").read_bytes()
    network = models.build("modern_integer")  # its log compression has no weights
    fast, reference = (
        deployment.load_lite(content, network, "int8_full", reference=each)
        for each in (False, True)
    )
    kinds = tensorflow.lite.experimental.OpResolverType
    assert asked == [kinds.AUTO, kinds.BUILTIN_REF]
    windows = data.train.windows[::100]
    told = [each.predict(windows) for each in (fast, reference)]
    np.testing.assert_allclose(*told, atol=0.1)
    assert (told[1].argmax(axis=1) == data.train.labels[::100]).mean() > 0.5  # chance: a sixth


def test_convert_writes_a_file_that_is_taken_for_its_network(tmp_path, data, capsys):
    keras = models.prepare()
    layers = [keras.Input((128, 9)), keras.layers.GlobalAveragePooling1D()]
    file = tmp_path / "own.keras"
    keras.Sequential([*layers, keras.layers.Dense(6, activation="softmax")]).save(file)
    assert __main__.main(["convert", str(file)]) == 0
    assert "own.tflite" in capsys.readouterr().out
    quick = deployment.load_published(file)
    assert isinstance(quick, deployment.BareNetwork)
    windows = data.train.windows[::500]
    expected = training.predict(deployment.load_model(file), windows)
    np.testing.assert_allclose(quick.predict(windows), expected, atol=1e-5)
    assert __main__.main(["convert", str(file.with_name("none.keras"))]) == 1
    assert "none.keras: no trained network there" in capsys.readouterr().err
