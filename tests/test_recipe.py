from dataclasses import replace

import pytest

from har_utils import recipe


def test_for_run_chooses_epochs_and_the_source_does_not():
    assert recipe.for_run("cnn_1d", None, 32, 30) == recipe.Recipe(32, 30)
    assert not recipe.for_run("cnn_1d", "paper", 32, 100).choose_epochs


@pytest.mark.parametrize("variant", recipe.POOLED)
def test_for_run_lets_nobody_choose_who_is_left_out(variant):
    how = recipe.for_run("cnn_1d", variant, 32, 21)
    assert (how.choose_epochs, how.max_epochs) == (False, 21)


def test_for_run_with_the_new_recipe_keeps_the_batch_size():
    how = recipe.for_run("single_lstm", "recipe", 32, 25)
    assert (how.batch_size, how.max_epochs) == (32, 25)
    assert how.rotation == recipe.MODERN.rotation
    assert how.cosine
    assert not how.choose_epochs


@pytest.mark.parametrize("variant", [None, "loso", "twelve"])
def test_for_run_trains_own_networks_their_own_way(variant):
    how = recipe.for_run("modern_small", variant, 64, 2)
    assert how.distillation == recipe.SMALL.distillation
    assert how.max_epochs == 2


def test_for_run_without_mirroring_changes_nothing_else():
    how = recipe.for_run("modern", "unmirrored", 64, 40)
    assert how.mirroring == 0
    assert replace(how, mirroring=recipe.MODERN.mirroring) == recipe.for_run("modern", None, 64, 40)


@pytest.mark.parametrize("name", ["shifting", "rotation", "scaling", "mirroring", "distillation"])
def test_alters_says_what_changes_windows_or_labels(name):
    assert not recipe.Recipe().alters
    assert recipe.Recipe(**{name: 1}).alters
