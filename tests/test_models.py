import os
import subprocess
import sys

import numpy as np
import pytest

from har_utils import models


@pytest.mark.parametrize("name", models.NETWORKS)
def test_build_gives_the_source_reports_parameter_counts(name):
    assert models.build(name).count_params() == models.PARAMETERS[name]


@pytest.mark.parametrize("name", models.NETWORKS)
def test_architecture_adds_up(name):
    model = models.build(name)
    rows = models.architecture(model)
    assert rows[0]["output_shape"] == (128, 9)
    assert rows[-1]["output_shape"] == (6,)
    assert sum(row["parameters"] for row in rows) == models.PARAMETERS[name]
    assert sum(row["multiply_adds"] for row in rows) == models.multiply_adds(model)


def test_multiply_adds_by_hand():
    assert models.multiply_adds(models.single_lstm()) == 128 * 4 * 128 * (9 + 128) + 128 * 6
    convolutions = 126 * 64 * 3 * 9 + 124 * 128 * 3 * 64
    assert models.multiply_adds(models.cnn_1d()) == convolutions + 62 * 128 * 50 + 50 * 6


def test_multiply_adds_count_a_dense_layer_at_every_position():
    keras = models.prepare()
    model = keras.Sequential([keras.Input((10, 4)), keras.layers.Dense(3)])
    assert models.multiply_adds(model) == 10 * 4 * 3


def test_build_takes_other_shapes():
    model = models.build("cnn_lstm", input_shape=(64, 6), n_classes=12)
    assert model.input_shape == (None, 64, 6)
    assert model.output_shape == (None, 12)


@pytest.mark.parametrize("name", models.NETWORKS)
def test_build_with_width_and_dropout_changes_nothing_else(name):
    source = models.build(name)
    half = models.build(name, width=0.5, dropout=0.25)
    assert half.count_params() < source.count_params()
    kinds = [[type(layer).__name__ for layer in model.layers] for model in (source, half)]
    assert kinds[0] == kinds[1]
    rates = [layer.rate for layer in half.layers if type(layer).__name__ == "Dropout"]
    assert set(rates) == {0.25}
    same = models.build(name, width=1.0)
    assert models.configuration(same) == models.configuration(source)


def test_build_names_an_unknown_network():
    with pytest.raises(ValueError, match="'nonsense'"):
        models.build("nonsense")


def test_configuration_does_not_depend_on_what_was_built_before():
    first, second = models.multi_lstm(), models.multi_lstm()
    assert first.layers[0].name != second.layers[0].name
    assert models.configuration(first) == models.configuration(second)


def test_configuration_sees_a_changed_layer():
    keras = models.prepare()

    def build(rate):
        dropout = keras.layers.Dropout(rate)
        return keras.Sequential([keras.Input((4,)), dropout, keras.layers.Dense(2)])

    assert models.configuration(build(0.1)) != models.configuration(build(0.2))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("single_lstm", "Single-layer LSTM"),
        ("single_lstm@paper", "Single-layer LSTM (as published)"),
        ("my_network", "my_network"),
        ("my_network@wide", "my_network (wide)"),
    ],
)
def test_title_of_a_run(name, expected):
    assert models.title(name) == expected


def test_package_does_not_import_tensorflow():
    code = (
        "import sys; from har_utils import evaluation, models, training;"
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


STUDENT = """\
import os
import numpy as np
from har_utils import models, training
keras = models.prepare()
import tensorflow
iterate = tensorflow.data.Dataset.__iter__
layers = [keras.Input((4,)), keras.layers.Dropout(0.5), keras.layers.Dense(3, activation="softmax")]
model = keras.Sequential(layers)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
fitted = model.fit(np.ones((9, 4)), np.arange(9) % 3, batch_size=3, verbose=0)
print(len(fitted.history["loss"]), training._threads(), os.environ["KERAS_BACKEND"])
print(iterate is tensorflow.data.Dataset.__iter__, hasattr(iterate, "__wrapped__"))
"""


@pytest.fixture(scope="module")
def student():
    """What a student's own cells say after ``models.prepare()``, in a process with two threads."""
    command, environment = [sys.executable, "-c", STUDENT], os.environ | {"HAR_THREADS": "2"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_prepare_is_silent(student):
    assert student.stderr == ""


def test_prepare_lets_a_plain_fit_shuffle_without_a_seed(student):
    n_epochs, *_ = student.stdout.splitlines()[0].split()
    assert (student.returncode, n_epochs) == (0, "1")


def test_prepare_takes_the_number_of_threads_from_the_environment(student):
    assert student.stdout.splitlines()[0].split()[1:] == ["2", "tensorflow"]


def test_prepare_patches_nothing(student):
    assert student.stdout.splitlines()[1] == "True False"


def test_prepare_uses_one_thread_unless_told_otherwise():
    models.prepare()
    import tensorflow

    if "HAR_THREADS" not in os.environ:
        assert tensorflow.config.threading.get_intra_op_parallelism_threads() == 1


def test_patch_keras_leaves_the_batches_as_they_are():
    models.prepare()
    models.patch_keras()
    import tensorflow as tf

    pipeline = tf.data.Dataset.range(5).batch(2)
    iterator = iter(pipeline)
    assert not iterator._dataset.options().autotune.enabled
    assert [batch.numpy().tolist() for batch in iterator] == [[0, 1], [2, 3], [4]]


def trained(keras, labels, loss):
    """Return how often a step was traced, and the weights and scores of a short training."""
    keras.utils.set_random_seed(3)
    traced = []

    class Counting(keras.Model):
        def train_step(self, data):
            traced.append(1)
            return super().train_step(data)

    inputs = keras.Input((4,))
    hidden = keras.layers.Dropout(0.5)(keras.layers.Dense(5)(inputs))
    model = Counting(inputs, keras.layers.Dense(3, activation="softmax")(hidden))
    model.compile(keras.optimizers.AdamW(0.01), loss, metrics=["accuracy"])
    windows = np.arange(36, dtype=np.float32).reshape(9, 4) / 36
    told = {"epochs": 2, "batch_size": 4, "validation_data": (windows, labels), "verbose": 0}
    history = model.fit(windows, labels, **told).history
    return len(traced), [w.tolist() for w in model.get_weights()], history


@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        ("sparse_categorical_crossentropy", np.arange(9) % 3),
        ("categorical_crossentropy", np.eye(3, dtype=np.float32)[np.arange(9) % 3]),
    ],
)
def test_patch_keras_traces_a_step_once_and_changes_no_number(monkeypatch, loss, labels):
    keras = models.prepare()
    models.patch_keras()
    n_traces, *numbers = trained(keras, labels, loss)
    monkeypatch.setattr(keras.Model, "_maybe_symbolic_build", lambda *_, **__: None)  # as usual
    more_traces, *same = trained(keras, labels, loss)
    assert n_traces < more_traces
    assert numbers == same


# --- The course's own networks --------------------------------------------------------------------


SMALL_ONES = [("modern_small", 10_000), ("modern_integer", 10_000), ("modern_tiny", 3_000)]


@pytest.mark.parametrize(("name", "most"), SMALL_ONES)
def test_build_keeps_small_networks_small(name, most):
    assert models.build(name).count_params() < most


def test_signed_log_keeps_sign_order_and_one():
    models.prepare()
    values = np.linspace(-1, 1, 41, dtype=np.float32)
    shown = np.asarray(models.signed_log(values, 0.01))
    assert (np.diff(shown) > 0).all()
    np.testing.assert_allclose(shown, -shown[::-1], atol=1e-6)
    np.testing.assert_allclose(shown[[0, 20, 40]], [-1, 0, 1], atol=1e-6)


def listened(hear):
    """Return what untrained listeners tell of a signal, and each one's answers along it."""
    keras = models.prepare()
    keras.utils.set_random_seed(0)
    window = keras.Input((16, 9))
    network = keras.Model(window, hear(window, n_filters=3, length=4))
    [listeners] = [layer for layer in network.layers if type(layer).__name__ == "Conv1D"]
    [kernels] = listeners.get_weights()
    signal = np.random.default_rng(0).standard_normal((1, 16, 9)).astype(np.float32)
    heard = np.array([np.einsum("sc,scf->f", signal[0, n : n + 4, :6], kernels) for n in range(13)])
    return np.asarray(network(signal, training=False))[0], heard


FRESH_NORM = np.sqrt(1 + 1e-3)
"""What a batch normalisation divides by before it has seen anything."""


def test_log_energy_is_the_logarithm_of_the_mean_squared_answer():
    found, heard = listened(models.log_energy)
    mean = ((models.ENERGY_GAIN * heard) ** 2).mean(axis=0)
    np.testing.assert_allclose(found * FRESH_NORM, np.log(mean + models.LEAST_ENERGY), rtol=1e-4)


def test_rectified_mean_is_the_mean_of_the_positive_answers():
    found, heard = listened(models.rectified_mean)
    np.testing.assert_allclose(found * FRESH_NORM, np.maximum(heard, 0).mean(axis=0), rtol=1e-4)


def test_log_energy_ignores_total_acceleration():
    keras = models.prepare()
    keras.utils.set_random_seed(0)
    window = keras.Input((16, 9))
    network = keras.Model(window, models.log_energy(window, 3, 4))
    signal = np.random.default_rng(0).standard_normal((2, 16, 9)).astype(np.float32)
    signal[1, :, :6] = signal[0, :, :6]
    first, second = np.asarray(network(signal, training=False))
    np.testing.assert_allclose(first, second, rtol=1e-5)  # some processors round a batch unevenly


def test_parts_of_a_network_that_reads_only_the_compressed_window():
    network = models.build("modern_integer")
    log_compression, rest = models.parts(network)
    windows = np.random.default_rng(0).standard_normal((3, 128, 9)).astype(np.float32)
    assert rest.count_params() == network.count_params()
    np.testing.assert_allclose(rest(log_compression(windows)), network(windows), rtol=1e-5)


@pytest.mark.parametrize("name", ["modern_tiny", "cnn_1d"])
def test_parts_of_a_network_that_reads_the_measured_window_are_none(name):
    assert models.parts(models.build(name)) is None


def test_architecture_lists_branches_one_after_the_other():
    rows = models.architecture(models.build("modern_tiny"))
    kinds = [row["type"] for row in rows]
    begins = [row["type"] for row in rows[1:] if not row["follows"]]
    assert begins == ["GlobalMaxPooling1D", "Conv1D"]
    assert kinds[-5:] == ["Conv1D", "BatchNormalization", "Concatenate", "Dropout", "Dense"]
    assert sum(row["parameters"] for row in rows) == models.build("modern_tiny").count_params()
