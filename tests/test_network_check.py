"""Mistakes in a network are found before training, and said so that a beginner can mend them."""

import re

import pytest
from spoken import listen

from har_utils import models
from har_utils.course import network_check
from har_utils.course.network_check import PlainError, inspect_network, say
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
    "a network": (lambda: network(summed)((128, 9), 6), "finished", {}),
    "a number": (lambda: 3, "no_function", {"kind": "int"}),
    "no arguments": (lambda: lambda: None, "arguments", {}),
    "nothing": (lambda: lambda input_shape, n_classes: None, "returns_nothing", {}),
    "text": (lambda: lambda input_shape, n_classes: "net", "no_network", {"kind": "str"}),
    "own class": (lambda: lambda *_: OwnClass(), "no_input", {}),
    "no input": (lambda: lambda *_: Sequential([layers.LSTM(2)]), "no_input", {}),
    "two windows": (lambda: two_windows, "several_inputs", {"n_inputs": 2}),
    "two answers": (lambda: two_answers, "several_outputs", {"n_outputs": 2, "n_classes": 6}),
    "nothing to learn": (lambda: frozen, "nothing_learns", {"n_classes": 6}),
    "same network": (lambda: same_each_time, "not_fresh", {}),
    "same layer": (shared_layer, "not_fresh", {}),
}
"""What people do → a way to do it, the name of what is said of it, its facts."""


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(name):
    make, key, facts = MISTAKES[name]
    with pytest.raises(PlainError, match=f"^{re.escape(say(key, **facts))}$") as caught:
        inspect_network(make())
    assert "\n" not in str(caught.value)
    assert all(str(fact) in str(caught.value) for fact in facts.values())


@pytest.mark.parametrize(
    ("shape", "shown"), [((1152,), "1152"), ((9, 128), "9 × 128"), ((128, 9, 1), "128 × 9 × 1")]
)
def test_a_network_that_reads_no_windows_is_told_both_shapes(shape, shown):
    with pytest.raises(PlainError, match=rf"{shown}\b.*\b128 samples × 9 channels") as caught:
        inspect_network(network(*[layers.Flatten] * (len(shape) > 1), shape=shape))
    assert say("about_axes", given=shape) in str(caught.value)


def test_a_network_that_reads_any_length_is_told_so():
    with pytest.raises(PlainError) as caught:
        inspect_network(network(summed, shape=(None, 9)))
    assert say("sizes", given=(None, 9)) in str(caught.value)
    assert "× 9, " in str(caught.value)


def test_advice_about_axes_differs_with_their_number():
    assert len({say("about_axes", given=(9,) * n_axes) for n_axes in (1, 2, 3)}) == 3


@pytest.mark.parametrize(
    ("build_model", "given", "shown"),
    [
        (network(), (128, 6), "128 × 6"),
        (network(summed, last=lambda: layers.Dense(1)), (1,), "1"),
        (network(summed, last=lambda: layers.Dense(5)), (5,), "5"),
    ],
)
def test_a_network_with_other_answers_is_told_their_shape(build_model, given, shown):
    with pytest.raises(PlainError, match=rf"\b{shown} number.*Dense\(6, ") as caught:
        inspect_network(build_model)
    assert str(caught.value) == say("other_output", given=given, n_classes=6)
    assert ("Flatten()" in str(caught.value)) == (len(given) > 1)


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "relu"])
def test_a_network_without_probabilities_is_told_its_activation(activation):
    ends = network(summed, last=lambda: layers.Dense(6, activation=activation))
    with pytest.raises(PlainError, match="softmax") as caught:
        inspect_network(ends)
    assert say("last_activation", activation=activation) in str(caught.value)


ERRORS = {
    "lstm, lstm": (
        network(lambda: layers.LSTM(2), lambda: layers.LSTM(2)),
        *("needs_sequence", "lstm"),
    ),
    "flatten, conv": (
        network(layers.Flatten, lambda: layers.Conv1D(2, 3)),
        *("needs_sequence", "conv1d"),
    ),
    "conv 2d": (network(lambda: layers.Conv2D(2, 3)), "needs_picture", "conv2d"),
    "too short": (
        network(lambda: layers.MaxPooling1D(100), lambda: layers.Conv1D(2, 3)),
        *("too_short", None),
    ),
    "pooled away": (
        network(lambda: layers.MaxPooling1D(100), lambda: layers.MaxPooling1D(2)),
        *("too_short", None),
    ),
    "number as shape": (network(shape=128), "number_as_shape", None),
    "typing mistake": (network(lambda: LSMT(2)), "unknown_name", "name 'LSMT' is not defined"),  # noqa: F821
    "other errors": (network(lambda: 1 / 0), "other_error", "ZeroDivisionError: division by zero"),
}
"""What people write → a builder, the name of the explanation, a name it holds."""


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_keras_is_explained(name, monkeypatch):
    build_model, key, named = ERRORS[name]
    heard = listen(monkeypatch, network_check)
    with pytest.raises(PlainError, match=r"^[^\n]*$") as caught:
        inspect_network(build_model)
    assert say(key, **heard[key]) in str(caught.value)
    assert (named or "") in str(caught.value)


def test_infinite_answers_are_found():
    endless = network(summed, lambda: layers.Rescaling(float("inf")))
    with pytest.raises(PlainError, match=re.escape(say("infinite"))):
        inspect_network(endless)


def test_a_layer_that_fails_on_windows_is_explained(monkeypatch):
    def fail(windows):
        if hasattr(windows, "numpy"):
            raise RuntimeError("too many legs")
        return windows

    heard = listen(monkeypatch, network_check)
    with pytest.raises(PlainError, match="too many legs"):
        inspect_network(network(lambda: layers.Lambda(fail), summed))
    assert set(heard) == {"cannot_read", "other_error"}


def compiled(input_shape, n_classes):
    model = network(summed)(input_shape, n_classes)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("build_model", "key", "shown"),
    [
        (compiled, "compiled", ""),
        (network(layers.Flatten, lambda: layers.Dense(900)), "many_parameters", "1,043,106"),
        (network(lambda: layers.GRU(2)), "uncounted", "GRU"),
    ],
)
def test_what_is_no_mistake_is_remarked(build_model, key, shown, monkeypatch):
    heard = listen(monkeypatch, network_check)
    (remark,) = inspect_network(build_model).remarks
    assert set(heard) == {key}
    assert shown in remark


def test_work_that_cannot_be_counted_makes_a_lower_bound():
    found = inspect_network(network(lambda: layers.GRU(2), layers.BatchNormalization))
    assert found.uncounted == ("GRU",)
    assert "12" in found.work
    assert found.work != say("work", multiply_adds=12, uncounted=())


def test_a_notebook_shows_the_sentence_alone():
    assert PlainError("too short.")._render_traceback_() == [say("not_yet", mistake="too short.")]
    assert "too short." in say("not_yet", mistake="too short.")


def test_a_step_of_training_is_timed(monkeypatch):
    monkeypatch.setattr(network_check, "PATIENCE", 0)
    assert network_check.seconds_per_step(network(summed), Recipe(batch_size=4)) > 0
