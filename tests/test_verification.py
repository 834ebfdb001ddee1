"""Verification: a changed digit is caught and named; claims hold within their tolerance."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from test_report import fabricated_run, smoke  # noqa: F401  (smoke is a fixture)

from har_utils import claims, files, report, results
from har_utils.__main__ import main
from har_utils.report import agreement, manifest, tex, verification
from har_utils.results import Key
from har_utils.words import SPACE


@pytest.fixture
def build(smoke, tmp_path, monkeypatch):  # noqa: F811
    """A whole build: what a smoke run leaves, with figures, a page and a PDF made by hand."""
    folder = tmp_path / "smoke"
    shutil.copytree(smoke, folder)
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path / "nothing" / "results")
    if not (smoke.parent / "generated").exists():
        report.write_generated("smoke", smoke.parent / "generated")
    shutil.copytree(smoke.parent / "generated", folder / "generated")
    for name in ("figures/dots.pdf", "figures/dots.png", "site/01_dots.html", "notebooks/01.ipynb"):
        files.write_text(folder / name, "97.4")
    digest = manifest.set_from(tex.SOURCES, folder / "generated", folder / "figures")
    files.write_text(folder / "report.pdf", f"<< /SetFrom({digest}) >> 97.4")
    write_manifest(folder)
    verification._material.cache_clear()
    return folder


def write_manifest(folder):
    """Write a build's manifest as it now is."""
    manifest.write(folder / manifest.NAME, folder, manifest.BUILT)


def change_a_digit(path):
    """Change the last digit in a text file."""
    text = path.read_text()
    place = max(text.rfind(digit) for digit in "0123456789")
    path.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])


def test_problems_are_none_where_all_belongs_together(build):
    assert verification.problems(verification.built("smoke")) == []


@pytest.mark.parametrize(
    "name",
    [
        *("report.pdf", "generated/numbers.tex", "generated/table_networks.tex"),
        *("figures/dots.pdf", "figures/dots.png", "site/01_dots.html", "notebooks/01.ipynb"),
        *("results/cnn_1d/seed-0.json", "values/02_windows.json"),
    ],
)
def test_problems_name_a_file_with_one_digit_changed(build, name):
    change_a_digit(build / name)
    said = manifest.problems(build / manifest.NAME, build)
    assert said == [f"{build / name} is not the file of the manifest"]


def test_problems_name_predictions_with_one_byte_changed(build):
    path = build / "results/cnn_1d/seed-0.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    said = manifest.problems(build / manifest.NAME, build)
    assert said == [f"{path} is not the file of the manifest"]


def test_problems_name_a_missing_and_an_extra_file(build):
    (build / "figures/dots.png").rename(build / "figures/points.png")
    assert manifest.problems(build / manifest.NAME, build) == [
        f"{build / 'figures/dots.png'} is missing",
        f"{build / 'figures/points.png'} is in no manifest",
    ]


def test_problems_say_that_there_is_no_manifest(build):
    (build / manifest.NAME).unlink()
    assert manifest.problems(build / manifest.NAME, build) == [
        f"{build / manifest.NAME} is missing: nothing says what belongs together"
    ]


@pytest.mark.parametrize("name", ["figures/dots.pdf", "generated/table_cost.tex"])
def test_problems_find_a_pdf_of_other_files_though_the_manifest_was_written_anew(build, name):
    change_a_digit(build / name)
    write_manifest(build)
    said = verification.problems(verification.built("smoke"))
    assert f"{build / 'report.pdf'} was set from other texts, numbers, tables or figures" in said[0]


def test_problems_find_a_number_and_a_table_that_the_runs_do_not_give(build):
    numbers, table = (build / "generated" / f"{name}.tex" for name in ("numbers", "table_pairs"))
    text = numbers.read_text()
    line = next(line for line in text.splitlines() if "{cnn_1d.accuracy}" in line)
    written = line.rpartition("{")[2][:-1]
    numbers.write_text(text.replace(line, r"\hardefine{cnn_1d.accuracy}{99.9~\%}"))
    change_a_digit(table)
    write_manifest(build)
    said = verification.problems(verification.built("smoke"))
    was = agreement.plain(written)
    assert f"{numbers}, cnn_1d.accuracy: 99.9{SPACE}%, but the runs give {was}" in said
    assert f"{table} is not what the runs give" in said


def test_problems_find_a_run_whose_scores_do_not_follow_from_its_predictions(build):
    path = build / "results/cnn_lstm/seed-0.json"
    record = json.loads(path.read_text())
    record["metrics"]["negative_log_likelihood"] += 0.001
    path.write_text(json.dumps(record))
    write_manifest(build)
    said = verification.problems(verification.built("smoke"))
    assert f"{path}: its scores do not follow from its predictions" in said


def test_set_from_in_a_pdf_is_found_where_it_is_compressed(tmp_path):
    import zlib

    inside = zlib.compress(b"<< /SetFrom(" + b"ab" * 32 + b") >>")
    (tmp_path / "one.pdf").write_bytes(b"1 0 obj stream\n" + inside + b"\nendstream")
    (tmp_path / "none.pdf").write_bytes(b"1 0 obj stream\nnot compressed\nendstream")
    assert manifest.said_in(tmp_path / "one.pdf") == "ab" * 32
    assert manifest.said_in(tmp_path / "none.pdf") is None


# --- Agreement ----------------------------------------------------------------------------------


def unlike(key, published, here):
    """Return whether one claim or number does not agree."""
    return bool(agreement.unlike({key: published}, {key: here}))


def test_unlike_takes_numbers_within_their_tolerance():
    said = "the 1D-CNN is ahead of the decision tree by {} points ({} to 9.1)."
    published = said.format("4.0", "1.0")
    assert not unlike("claim.pairs", published, said.format("6.9", "3.9"))
    assert unlike("claim.pairs", published, said.format("7.1", "1.0"))
    assert unlike("claim.pairs", published, published.replace("1D-CNN", "2D-CNN"))
    assert unlike("claim.pairs", published, published.replace("ahead of", "behind"))


def test_unlike_takes_no_change_of_what_is_counted_and_any_of_what_is_measured():
    assert unlike("data.n_windows", f"10{SPACE}299", f"10{SPACE}300")
    assert not unlike("times.minutes", "523", "12")
    assert not unlike("claim.latency", "on a Xeon 2.0 ms", "on an EPYC 3.0 ms")


def test_unlike_has_its_own_tolerance_for_each_kind_of_model():
    assert unlike("linear_svc.accuracy", "96.5 %", "96.1 %")
    assert not unlike("modern.accuracy", "99.0 %", "98.1 %")
    assert not unlike("single_lstm.accuracy", "91.5 %", "89.0 %")
    assert unlike("single_lstm.accuracy", "91.5 %", "79.2 %")


def test_unlike_counts_a_claim_that_only_one_side_makes_but_no_number():
    assert [each.key for each in agreement.unlike({"claim.a": "A."}, {"gru.accuracy": "1"})] == [
        "claim.a"
    ]


def test_defined_gives_plain_text_again():
    text = f"92.4{SPACE}% ± 0.1, −3 < 4 _ #"
    assert agreement.defined(report.macros({"a.b": text})) == {"a.b": text}


def test_every_rule_has_a_reason_and_the_last_takes_everything():
    rules = agreement._rules()
    assert all(rule["why"] and {"within", "share", "measured"} & rule.keys() for rule in rules)
    assert agreement.rule_of("anything.at.all") is rules[-1]


# --- The verdict, and other processors ----------------------------------------------------------


@pytest.fixture
def published(build, tmp_path, monkeypatch):
    """The same report, published."""
    home = tmp_path / "repository" / "report"
    for name in ("generated", "values", "results"):
        shutil.copytree(build / name, home / name)
    shutil.copytree(build / "figures", home.parent / "figures")
    shutil.copy(build / "report.pdf", home)
    files.write_json(home / "provenance.json", {"profile": "smoke"})
    monkeypatch.setattr(results, "published_folder", lambda: home / "results")
    manifest.write(home / manifest.NAME, home.parent, manifest.PUBLISHED)
    return home


def test_published_report_is_read_as_a_build_of_its_own(published):
    assert verification.problems(verification.published()) == []


def test_verdict_counts_the_claims_that_hold_and_names_the_others(build, published):
    here, other = verification.built("smoke"), verification.published()
    n_claims = len(claims.CLAIMS)
    assert str(verification.verdict(here, other)) == (
        f"{n_claims} of {n_claims} claims hold on this machine; "
        "0 numbers outside the published tolerance"
    )
    path = published / "generated" / "numbers.tex"
    text = path.read_text().replace(r"{claim.hardest}{", r"{claim.hardest}{No. ")
    path.write_text(text)
    found = verification.verdict(here, other)
    assert [each.key for each in found.claims] == ["claim.hardest"]
    assert str(found).startswith(f"{n_claims - 1} of {n_claims} claims hold on this machine; 0 ")


def test_processors_says_how_far_the_same_runs_are_apart(build, published):
    alike = verification.processors(verification.built("smoke"))
    assert alike["largest"].max() == 0
    other = fabricated_run("cnn_1d", 1, 0.5)
    key = Key("cnn_1d")
    record = other.record | {"seed": 0, "epochs": {"cap": 40, "chosen": 9}}
    results.write_run(build / "results", replace(other, key=key, record=record))
    table = verification.processors(verification.built("smoke"))
    theirs = results.read_run(published / "results", key).record
    apart = abs(other.record["metrics"]["accuracy"] - theirs["metrics"]["accuracy"])
    assert table.loc[("convolutional", "accuracy (points)"), "largest"] == pytest.approx(
        100 * apart
    )
    assert table.loc[("convolutional", "epochs chosen"), "largest"] == abs(
        9 - theirs["epochs"]["chosen"]
    )
    assert np.all(table.loc["recurrent", "largest"] == 0)


def test_verify_report_says_what_does_not_belong_together_and_fails(build, capsys):
    assert main(["verify-report", "smoke"]) == 0
    assert "PDF, tables, figures and runs belong together" in capsys.readouterr().out
    change_a_digit(build / "site/01_dots.html")
    assert main(["verify-report", "smoke"]) == 1
    assert "site/01_dots.html is not the file of the manifest" in capsys.readouterr().out
