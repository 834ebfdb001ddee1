"""Mistakes in a network are found before training, and said so that a beginner can mend them."""

import pytest

from har_utils import models
from har_utils.course import network_check
from har_utils.course.network_check import PlainError, inspect_network
from har_utils.recipe import Recipe

keras = models.prepare()
layers, Input, Sequential = keras.layers, keras.Input, keras.Sequential


def network(*inside, last=None, shape=None):
    """Return a builder of a network with these layers; each is a function without arguments."""

    def build_model(input_shape, n_classes):
        end = layers.Dense(n_classes, activation="softmax") if last is None else last()
        return Sequential([Input(shape or input_shape), *(make() for make in inside), end])

    return build_model


def summed():
    return layers.GlobalAveragePooling1D()


def test_a_sound_network_is_described():
    found = inspect_network(network(lambda: layers.LSTM(5)))
    assert found.layers == "LSTM 5 → Dense 6"
    assert found.n_parameters == 4 * (9 + 5 + 1) * 5 + 36
    assert (found.work, found.remarks) == (f"{128 * 4 * 5 * 14 + 30:,}", ())


@pytest.mark.parametrize("name", models.BUILDERS)
def test_the_networks_of_the_course_are_sound(name):
    assert inspect_network(models.BUILDERS[name]).uncounted == ()


KEPT = []


def same_each_time(input_shape, n_classes):
    KEPT.append(network(summed)(input_shape, n_classes))
    return KEPT[0]


def shared_layer():
    dense = layers.Dense(6, activation="softmax")
    return network(summed, last=lambda: dense)


def frozen(input_shape, n_classes):
    model = network(summed)(input_shape, n_classes)
    model.trainable = False
    return model


def two_answers(input_shape, n_classes):
    window = Input(input_shape)
    flat = layers.Flatten()(window)
    return keras.Model(window, [layers.Dense(6)(flat), layers.Dense(6)(flat)])


def two_windows(input_shape, n_classes):
    window, other = Input(input_shape), Input(input_shape)
    return keras.Model([window, other], layers.Dense(6)(layers.Flatten()(window)))


class OwnClass(keras.Model):
    def call(self, windows):
        return windows


MISTAKES = {
    "a network": (lambda: network(summed)((128, 9), 6), "give it the function: build_model"),
    "a number": (lambda: 3, "must be a function that returns a network; this is of type int"),
    "no arguments": (lambda: lambda: None, r"def build_model\(input_shape, n_classes\)"),
    "nothing": (lambda: lambda input_shape, n_classes: None, "returns nothing"),
    "text": (lambda: lambda input_shape, n_classes: "net", "not something of type str"),
    "own class": (lambda: lambda *_: OwnClass(), "does not know what it will read"),
    "no input": (lambda: lambda *_: Sequential([layers.LSTM(2)]), "does not know what it will"),
    "a row": (lambda: network(shape=(1152,)), r"reads 1152, but a window is 128 .* Flatten\(\)"),
    "turned": (lambda: network(summed, shape=(9, 128)), "reads 9 × 128.*Samples come first"),
    "any length": (lambda: network(summed, shape=(None, 9)), "reads any number × 9"),
    "an image": (lambda: network(layers.Flatten, shape=(128, 9, 1)), "There is no further axis"),
    "two windows": (lambda: two_windows, "has 2 inputs"),
    "two answers": (lambda: two_answers, "has 2 outputs"),
    "time left": (lambda: network(), r"answers 128 × 6 numbers.*GlobalAveragePooling1D\(\)"),
    "one number": (lambda: network(summed, last=lambda: layers.Dense(1)), "with 1 number, but"),
    "five": (lambda: network(summed, last=lambda: layers.Dense(5)), "with 5 numbers.*are 6 act"),
    "nothing to learn": (lambda: frozen, "no weights that training could change"),
    "same network": (lambda: same_each_time, "Create every layer inside the function"),
    "same layer": (shared_layer, "Create every layer inside the function"),
    "logits": (lambda: network(summed, last=lambda: layers.Dense(6)), r"raw scores \(logits\)"),
    "sigmoid": (
        lambda: network(summed, last=lambda: layers.Dense(6, activation="sigmoid")),
        "judges every activity by itself.*activation='softmax'",
    ),
    "relu": (lambda: network(summed, last=lambda: layers.Dense(6, activation="relu")), "with relu"),
    "lstm, lstm": (
        lambda: network(lambda: layers.LSTM(2), lambda: layers.LSTM(2)),
        "reads a sequence .* return_sequences=True",
    ),
    "flatten, conv": (
        lambda: network(layers.Flatten, lambda: layers.Conv1D(2, 3)),
        "reads a sequence .* put it further down",
    ),
    "conv 2d": (lambda: network(lambda: layers.Conv2D(2, 3)), "made for pictures.*ends in 1D"),
    "too short": (
        lambda: network(lambda: layers.MaxPooling1D(100), lambda: layers.Conv1D(2, 3)),
        "shorter than the next filter",
    ),
    "pooled away": (
        lambda: network(lambda: layers.MaxPooling1D(100), lambda: layers.MaxPooling1D(2)),
        "shorter than the next filter",
    ),
    "number as shape": (lambda: network(shape=128), r"write Input\(input_shape\)"),
    "typing mistake": (lambda: network(lambda: LSMT(2)), "name 'LSMT' is not defined.*mistake"),  # noqa: F821
    "other errors": (lambda: network(lambda: 1 / 0), "ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(name):
    make, said = MISTAKES[name]
    with pytest.raises(PlainError, match=rf"^[^\n]*{said}[^\n]*$"):
        inspect_network(make())


def test_infinite_answers_are_found():
    endless = network(summed, lambda: layers.Rescaling(float("inf")))
    with pytest.raises(PlainError, match="infinite or undefined"):
        inspect_network(endless)


def test_a_layer_that_fails_on_windows_is_explained():
    def fail(windows):
        if hasattr(windows, "numpy"):
            raise RuntimeError("too many legs")
        return windows

    with pytest.raises(PlainError, match=r"cannot read a window\. .*too many legs"):
        inspect_network(network(lambda: layers.Lambda(fail), summed))


def compiled(input_shape, n_classes):
    model = network(summed)(input_shape, n_classes)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("build_model", "said"),
    [
        (compiled, "no need"),
        (network(layers.Flatten, lambda: layers.Dense(900)), "1,043,106 parameters are many"),
        (network(lambda: layers.GRU(2)), "The work of GRU cannot be counted"),
    ],
)
def test_what_is_no_mistake_is_remarked(build_model, said):
    assert said in " ".join(inspect_network(build_model).remarks)


def test_work_that_cannot_be_counted_makes_a_lower_bound():
    found = inspect_network(network(lambda: layers.GRU(2), layers.BatchNormalization))
    assert (found.uncounted, found.work) == (("GRU",), "at least 12")


def test_a_notebook_shows_the_sentence_alone():
    assert PlainError("too short.")._render_traceback_() == ["Not yet: too short."]


def test_a_step_of_training_is_timed(monkeypatch):
    monkeypatch.setattr(network_check, "PATIENCE", 0)
    assert network_check.seconds_per_step(network(summed), Recipe(batch_size=4)) > 0
