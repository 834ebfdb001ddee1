"""The report: every number generated, every reference there, and a PDF even from a smoke run."""

import dataclasses
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import yaml

from har_utils import dataset, files, metrics, models, report, results
from har_utils.report import claims, tex, values
from har_utils.results import Key, Run

SOURCES = tex.SOURCES
SECTIONS = sorted((SOURCES / "sections").glob("*.tex"))
TEXT = re.sub(
    r"(?<!\\)%.*", "", "\n".join(path.read_text() for path in [SOURCES / "report.tex", *SECTIONS])
)
"""The report without its comments."""

VALUES = {
    "01_data_visualisation": (
        *("moving_threshold_g", "moving_threshold_accuracy", "peak_walking", "angle_laying"),
        *("angle_standing", "angle_sitting", "angle_standing_min", "angle_standing_max"),
        "neighbour_same_person",
    ),
    "08_modern": ("sitting_standing", "ensemble", "without_turning_lost"),
    "02_windows": (
        *("identical_files", "total_files"),
        *(
            f"readme_error_{channel}_{bound}"
            for channel in (
                *("body_acc_causal", "body_acc_zero_phase", "body_acc_delayed"),
                "body_gyro_delayed",
            )
            for bound in ("min", "max")
        ),
    ),
    "03_classical_baselines": tuple(
        f"{name}_{what}"
        for name in models.CLASSICAL
        for what in ("cv_random", "cv_subjects", "test")
    ),
    "10_robustness": (
        *("n_recordings", "n_recordings_swapped", "n_train_recordings"),
        *("n_train_recordings_swapped", "swapped_windows", "swapped_mistakes"),
        *("swapped_as_worn", "swapped_mirrored"),
        *("n_calibrated", "n_calibration_helped", "selective_gone_low", "selective_gone_high"),
        *("smoothing_best_gain", "smoothing_worst_gain", "edge_wrong", "inside_wrong"),
        *(
            f"{name}_lost_{what}"
            for name in models.NETWORKS
            for what in (*claims.WORN, *claims.MEASURED)
        ),
    ),
    "12_your_phone": (
        *("int8_most_lost", "int8_full_most_lost"),
        *("smallest_bytes", "smallest_accuracy"),
    ),
}
"""What the text reads from the notebooks."""


def fabricated_run(name, seed, skill):
    """Return a run on two test subjects, right with a given chance."""
    model, _, variant = name.partition("@")
    table = dataset.published_table()
    table = table[table["subject"].isin(dataset.SMOKE_SUBJECTS["test"])]
    activity = table["activity"].cat.codes.to_numpy()
    right = np.random.default_rng(seed).random(len(table)) < skill
    probability = np.full((len(table), 6), 0.02, np.float32)
    probability[np.arange(len(table)), np.where(right, activity, (activity + 1) % 6)] = 0.9
    kind = "score" if model == "linear_svc" else "softmax"
    network = model in models.BUILDERS
    subject = table["subject"].to_numpy()
    record = {
        "schema": results.SCHEMA,
        "model": model,
        "variant": variant or None,
        "fold": None,
        "seed": seed,
        "profile": "smoke",
        "data": {"source": "packaged", "digest": "ab" * 32},
        "code_digest": "cd" * 32,
        "digest": "ef" * 32,
        "versions": results.versions(),
        "n_parameters": models.PARAMETERS.get(model),
        "multiply_adds": 3_000_000 if network else None,
        "epochs": {"cap": 1, "chosen": 1} if network else None,
        "probability_kind": kind,
        "history": {},
        "metrics": metrics.score(activity, probability, subject, 6, kind),
    }
    key = Key(model, variant or None, seed=seed)
    return Run(key, record, probability, activity, table.index.to_numpy(), subject)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """A folder ``build`` with the results a smoke run leaves, and nothing else."""
    build = tmp_path_factory.mktemp("build")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAR_BUILD", str(build))
        patch.setattr(results, "published_folder", lambda: build / "nothing published")
        for place, name in enumerate(models.TITLES):
            run = fabricated_run(name, 0, 0.5 + 0.04 * place)
            results.write_run(results.results_folder("smoke"), run)
        for notebook, keys in VALUES.items():
            results.write_values("smoke", notebook, {key: 0.5 for key in keys})
        yield build / "smoke"


@pytest.fixture(scope="module")
def numbers(smoke):
    """The numbers of the smoke run: key → plain text."""
    return report.numbers(report.gather("smoke"))


# --- Text to LaTeX ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("92.4\N{NO-BREAK SPACE}%", r"92.4~\%"),
        ("a_b & c#1 {x} $", r"a\_b \& c\#1 \{x\} \$"),
        (r"C:\x", r"C:\textbackslash{}x"),
        ("−1.2 ± 0.3 – 4", r"$-$1.2 $\pm$ 0.3 -- 4"),
        ("<0.001", "$<$0.001"),
    ],
)
def test_text_becomes_latex(text, meant):
    assert report.latex(text) == meant


def test_macros_are_sorted_and_escaped():
    text = report.macros({"b.x": "1 %", "a@y": "_"})
    assert text.splitlines()[1:] == [r"\hardefine{a@y}{\_}", r"\hardefine{b.x}{1 \%}"]


def test_key_that_latex_cannot_take_is_refused():
    with pytest.raises(ValueError, match="'a b' cannot be a number's key"):
        report.macros({"a b": "1"})


def test_tabular_has_rules_and_a_width_only_with_x():
    table = report.tabular("lr", ["a", "b"], [["1", "2"], None, ["3", "4"]])
    assert table.startswith(
        "\\begin{tabular}{@{}lr@{}}\n\\toprule\na & b \\\\\n\\midrule\n1 & 2 \\\\"
    )
    assert table.count(r"\midrule") == 2
    assert r"\begin{tabularx}{\linewidth}" in report.tabular("lX", ["a", "b"], [])


# --- The sources --------------------------------------------------------------------------------

WITHOUT_NUMBERS = (
    r"(?<!\\)%.*",
    r"\\(?:har|ref|label|cite|input|source|texttt|includegraphics|begin|end)(?:\[[^]]*\])?\{[^}]*\}",
    r"\\harw?i?d?e?(?:figure|table)\{[^}]*\}\{[^}]*\}",
    r"\\(?:sub)?section\{[^}]*\}",
    r"\{[\d.]+\\textwidth\}",
    r"\\\\\[[\d.]+ex\]",
    r"\b1D\b|\bF1\b",
)
"""What may hold digits: comments, names, keys, lengths; and two words that have one."""


def digits_in(text):
    """Return the digits that stand in prose, and in formulas those that look like a result."""
    for pattern in WITHOUT_NUMBERS:
        text = re.sub(pattern, " ", text)
    formulas = r"\$[^$]*\$|\\begin\{(equation|align)\}.*?\\end\{\1\}"
    plain = re.sub(formulas, " ", text, flags=re.DOTALL)
    return re.findall(r"\S*\d\S*", plain) + re.findall(r"\d+[.,]\d+|\d{2,}", text)


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.stem)
def test_no_number_is_typed_by_hand(path):
    text = path.read_text()
    formula = re.compile(r"\\begin\{(equation|align)\}.*?\\end\{\1\}", re.DOTALL)
    assert digits_in(formula.sub(lambda match: f"${match[0]}$", text)) == []


@pytest.mark.parametrize("typed", ["reaches 92.4 per cent", r"of 92\,\%", "$p = 0.03$", "in 1998"])
def test_a_typed_number_is_found(typed):
    assert digits_in(typed)


@pytest.mark.parametrize("fine", [r"\har{a.1}", r"Fig.~\ref{fig:1}", "$h_{t-1}$", "the 1D-CNN"])
def test_what_is_no_result_is_left_alone(fine):
    assert not digits_in(fine)


def test_every_citation_has_an_entry_and_every_entry_is_cited():
    cited = {key for keys in re.findall(r"\\cite\{([^}]*)\}", TEXT) for key in keys.split(",")}
    published = yaml.safe_load(report.PUBLISHED_FILE.read_text())
    cited |= {work["cite"] for work in published}
    entries = re.findall(r"^@\w+\{(\w+),", (SOURCES / "references.bib").read_text(), re.MULTILINE)
    assert len(entries) == len(set(entries))
    assert cited == set(entries)


def figures_used():
    """Return the names of the figures the text shows."""
    names = re.findall(r"\\harfigure\{(\w+)\}|\\includegraphics\[[^]]*\]\{(\w+)\}", TEXT)
    return {name for pair in names for name in pair if name}


def test_every_figure_is_made_by_a_notebook():
    made = yaml.safe_load((files.REPOSITORY / "config" / "notebooks.yaml").read_text())
    assert figures_used() <= {name for entry in made.values() for name in entry.get("figures", ())}


def test_every_figure_and_table_is_mentioned():
    labels = set(re.findall(r"\{((?:fig|tab):\w+)\}\{", TEXT))
    labels |= set(re.findall(r"\\label\{((?:fig|tab):\w+)\}", TEXT))
    assert labels == set(re.findall(r"\\ref\{((?:fig|tab):\w+)\}", TEXT))


def test_each_figure_and_table_of_the_source_has_a_counterpart():
    counterparts = " ".join(re.findall(r"\\source\{([^}]*)\}", TEXT))
    assert {int(n) for n in re.findall(r"\d+", counterparts)} == set(range(1, 13))
    assert "Table~I)" in TEXT
    assert "Table~II)" in TEXT


# --- Numbers from results -----------------------------------------------------------------------


def test_every_number_of_the_text_is_defined(numbers):
    used = set(re.findall(r"\\har\{([^}#]+)\}", TEXT))
    assert used - set(numbers) == set()


def test_values_of_notebooks_become_numbers():
    shown = values._value_numbers({"02_windows": {"files": 18, "error": 0.3456, "name": "x"}})
    assert shown == {
        "02_windows.files": "18",
        "02_windows.error": "0.346",
        "02_windows.error.percent": "34.6\N{NO-BREAK SPACE}%",
        "02_windows.name": "x",
    }


def test_smoke_run_says_so_and_others_do_not(smoke, numbers):
    assert numbers["banner"] == "SMOKE RUN: numbers mean nothing"
    material = dataclasses.replace(report.gather("smoke"), profile="report")
    assert report.numbers(material)["banner"] == ""


def test_one_seed_has_no_standard_deviation(numbers):
    assert numbers["cnn_1d.accuracy_sd"] == "–"
    assert numbers["linear_svc.negative_log_likelihood"] == "–"


def test_a_rerun_changes_the_sentence(smoke):
    material = report.gather("smoke")
    assert "the 1D-CNN + LSTM has the highest" in report.numbers(material)["claim.best"]
    better = {"single_lstm": [fabricated_run("single_lstm", 0, 0.99)]}
    turned = dataclasses.replace(material, runs=material.runs | better)
    assert "the single-layer LSTM has the highest" in report.numbers(turned)["claim.best"]


def test_only_large_searches_are_told():
    found = {"cnn_1d_trials": 30, "cnn_1d_source_loss": 0.3, "cnn_1d_best_loss": 0.2}
    found |= {"cnn_1d_kept_loss": 0.25, "cnn_1d_folds_better": 5}
    assert set(values._searches({"is_small": False} | found)) == {"cnn_1d"}
    assert values._searches({"is_small": True} | found) == {}
    assert values._searches({}) == {}


def test_missing_model_is_one_clear_line(smoke, monkeypatch):
    monkeypatch.setattr(models, "NETWORKS", (*models.NETWORKS, "no_such_model"))
    with pytest.raises(FileNotFoundError, match=r"^no run of no_such_model in [^\n]*$"):
        report.gather("smoke")


def test_same_results_same_bytes(smoke, tmp_path):
    first = report.write_generated("smoke", tmp_path / "a")
    again = report.write_generated("smoke", tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    names = {path.stem for path in first}
    assert names == {"numbers"} | set(re.findall(r"\\har(?:wide|tight)?table\{(\w+)\}", TEXT))


def test_variants_that_were_run_appear(smoke):
    material = report.gather("smoke")
    published = {"linear_svc@published": [fabricated_run("linear_svc@published", 0, 0.9)]}
    more = dataclasses.replace(material, runs=material.runs | published)
    key = "claim.classical_reproduction"
    assert "not part of this build" in report.numbers(material)[key]
    assert "linear SVC gives" in report.numbers(more)[key]


def test_a_tuned_network_has_its_own_size_and_number_of_seeds(smoke):
    material, tuned = report.gather("smoke"), []
    for seed in range(3):
        run = fabricated_run("cnn_1d@tuned", seed, 0.9)
        run.record.update(n_parameters=1234, epochs={"cap": 9, "chosen": 9})
        tuned.append(run)
    more = dataclasses.replace(material, runs=material.runs | {"cnn_1d@tuned": tuned})
    ours, searched = (
        next(line for line in report.tables(more)["table_networks"].splitlines() if sign in line)
        for sign in ("1D-CNN & ", " tuned ")
    )
    assert ours.startswith("1D-CNN & 423~652 & ours & 1 & ")
    assert searched.startswith(" & 1~234 & tuned & 3 & ")
    said = report.numbers(more)["claim.tuned_settings"]
    assert said == "1 234 parameters and nine epochs for the 1D-CNN".replace("1 2", "1\xa02")


# --- LaTeX --------------------------------------------------------------------------------------

LOG = """\
LaTeX Warning: Citation `nobody2020' on page 1 undefined on input line 7.

LaTeX Warning: Reference `fig:a_label_so_long_that_the_line_has_to_be_broken' on
 page 2 undefined on input line 9.

LaTeX Warning: There were undefined references.
Overfull \\hbox (12.3pt too wide) in paragraph at lines 3--4
Overfull \\hbox (2.3pt too wide) in paragraph at lines 5--6
Underfull \\hbox (badness 10000) in paragraph at lines 5--6
"""


def test_log_with_problems():
    problems = report.check_log(LOG)
    assert len(problems) == 3
    assert problems[0].startswith("Citation `nobody2020' on page 1 undefined")
    assert "has_to_be_broken' on page 2 undefined" in problems[1]
    assert "12.3pt too wide" in problems[2]


def test_log_without_problems():
    assert report.check_log("This is pdfTeX\nOverfull \\hbox (9.9pt too wide) in x\n") == []


def test_after_an_error_the_rest_of_the_log_means_nothing():
    log = LOG + "! Undefined number: cnn_1d.accuracy.\n"
    assert report.check_log(log) == ["Undefined number: cnn_1d.accuracy."]


def test_width_that_counts_as_overfull_can_be_chosen():
    assert len(report.check_log(LOG, overfull=1.0)) == 4


@pytest.fixture(scope="module")
def build(smoke):
    """A smoke build ready for LaTeX: numbers, tables, and a blank figure for each that is shown."""
    try:
        tex.find()
    except tex.TexError as error:
        pytest.skip(f"needs TeX: {error}")
    report.write_generated("smoke", smoke / "generated")
    (smoke / "figures").mkdir(exist_ok=True)
    for name in figures_used():
        figure = plt.figure(figsize=(3.5, 2))
        figure.savefig(smoke / "figures" / f"{name}.pdf")
        plt.close(figure)
    return smoke


def test_smoke_results_make_a_pdf_and_the_same_one_again(build, tmp_path):
    first, again = tmp_path / "first.pdf", tmp_path / "again.pdf"
    tex.make_pdf(build, first)
    tex.make_pdf(build, again)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes().startswith(b"%PDF")


def test_undefined_number_stops_the_build(build, tmp_path):
    numbers_file = build / "generated" / "numbers.tex"
    whole = numbers_file.read_text()
    numbers_file.write_text(re.sub(r"\\hardefine\{cnn_1d.title\}.*\n", "", whole))
    try:
        with pytest.raises(tex.TexError, match=r"^report.tex: Undefined number: cnn_1d\.title"):
            tex.make_pdf(build, tmp_path / "report.pdf")
    finally:
        numbers_file.write_text(whole)
    assert not Path(tmp_path / "report.pdf").exists()
