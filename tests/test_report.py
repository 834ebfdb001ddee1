"""The report: every number generated, every reference there, and a PDF even from a smoke run."""

import contextlib
import dataclasses
import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from tokens import lowered

from har_utils import claims, dataset, files, metrics, models, report, results, words
from har_utils.build import site
from har_utils.report import agreement, links, manifest, tabulars, tex, twin, values
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
    """Return a run on two test subjects: who is worse at the later activities and at one person."""
    model, _, variant = name.partition("@")
    table = dataset.published_table()
    table = table[table["subject"].isin(dataset.SMOKE_SUBJECTS["test"])]
    activity, subject = table["activity"].cat.codes.to_numpy(), table["subject"].to_numpy()
    chance = skill - 0.03 * activity - 0.1 * (subject == 4)
    right = np.random.default_rng(seed).random(len(table)) < chance
    probability = np.full((len(table), 6), 0.02, np.float32)
    called = np.where(right, activity, (activity + 1) % (4 if model == "cnn_1d" else 6))
    probability[np.arange(len(table)), called] = 0.9
    kind = "score" if model == "linear_svc" else "softmax"
    network = model in models.BUILDERS
    place = list(models.TITLES).index(model)
    sized = network or model in models.CONVOLUTIONS
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
        "n_parameters": models.PARAMETERS.get(model, 5000 + place if sized else None),
        "multiply_adds": 3_000_000 + 1_100_000 * place if network else None,
        "epochs": {"cap": 40, "chosen": 10 + place} if network else None,
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
            run = fabricated_run(name, 0, 0.6 + 0.03 * place)
            results.write_run(results.results_folder("smoke"), run)
        number = 0
        for notebook, keys in VALUES.items():
            values = {key: round(0.1 + 0.0037 * (number + k), 6) for k, key in enumerate(keys)}
            results.write_values("smoke", notebook, values)
            number += len(keys)
        yield build / "smoke"


PACKAGE, PROFILE = f"{files.REPOSITORY / 'har_utils'}/", "smoke"


def _room(frame):
    """Return the room of ``har_utils`` whose code a frame runs; None outside it."""
    path = frame.f_code.co_filename
    if not path.startswith(PACKAGE):
        return None
    return path.removeprefix(PACKAGE).partition("/")[0]


def _carries(frame):
    """Return whether a call brings the profile or the material; a property of it brings nothing."""
    names = frame.f_code.co_varnames[: frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount]
    brought = [frame.f_locals.get(name) for name in names if name != "self"]
    return any(isinstance(each, report.Material) or each is PROFILE for each in brought)


@contextlib.contextmanager
def watched(moves):
    """Note which function hands profile or material to a function of which other room."""

    def look(frame, event, _):
        if event != "call" or _room(frame) is None or not _carries(frame):
            return
        caller = frame.f_back
        while caller is not None and _room(caller) is None:
            caller = caller.f_back
        if caller is not None and _room(caller) != _room(frame):
            moves.add((caller.f_code.co_name, frame.f_code.co_name))

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)


@pytest.fixture(scope="module")
def moves():
    """Who handed profile or material to another room while the report was made."""
    return set()


@pytest.fixture(scope="module")
def material(smoke, moves):
    """What the smoke run's report is made from."""
    moves.add(("write_generated", "gather"))  # who calls it when no test does
    with watched(moves):
        return report.gather(PROFILE)


@pytest.fixture(scope="module")
def numbers(material):
    """The numbers of the smoke run: key → plain text."""
    return report.numbers(material)


@pytest.fixture(scope="module")
def generated(material, numbers, moves, tmp_path_factory):
    """The files of the smoke run's report, once `numbers` has computed what the material keeps."""
    with pytest.MonkeyPatch.context() as patch, watched(moves):
        patch.setattr(values, "gather", {PROFILE: material}.get)
        return report.write_generated(PROFILE, tmp_path_factory.mktemp("generated"))


def test_write_generated_passes_its_material_on_to_few_functions_of_other_rooms(generated, moves):
    assert ("numbers", "everything") in moves
    assert len(moves) <= 15


VARIANTS = {"linear_svc@published": 1, "cnn_1d@paper": 2, "cnn_1d@tuned": 3, "cnn_lstm@recipe": 2}
VARIANTS["modern@unmirrored"] = 2
"""Further runs, and how many seeds of each."""


@pytest.fixture(scope="module")
def rich(material):
    """The smoke run's material with several seeds, variants and times, all of them different."""
    runs = dict(material.runs)
    for place, (name, count) in enumerate(VARIANTS.items()):
        runs[name] = [fabricated_run(name, seed, 0.83 + 0.02 * place) for seed in range(count)]
    runs["multi_lstm"] = [fabricated_run("multi_lstm", seed, 0.7 + 0.05 * seed) for seed in (0, 1)]
    for run in runs["cnn_1d@tuned"]:
        run.record.update(n_parameters=1234, epochs={"cap": 9, "chosen": 9})
    for run in runs["modern@unmirrored"]:
        run.record["n_parameters"] = 4321
    times = [
        {
            "name": name,
            "fold": fold,
            "processor": "EPYC",
            "cores": 2,
            "refit": 60.0 + 100 * k + part,
        }
        for k, name in enumerate(models.BUILDERS)
        for fold, part in ((None, 6), (None, 18), (0, 4000))
    ]
    pairs = [("linear_svc", "cnn_lstm"), ("single_lstm", "cnn_lstm"), ("cnn_lstm", "decision_tree")]
    pairs.append(("cnn_1d", "multi_lstm"))
    return dataclasses.replace(material, runs=runs, times=pd.DataFrame(times), pairs=pairs)


@pytest.fixture(scope="module")
def tables(rich):
    """The tables made from it: name → rows of cells, as plain text."""
    return {name: cells(text) for name, text in report.tables(rich).items()}


PRINTED = {"~": " ", "$-$": "−", r"$\pm$": "±", "$<$": "<", "$>$": ">", "--": "–"}
PRINTED |= {r"\_": "_", r"\%": "%"}


def cells(table):
    """Return the rows of a LaTeX table below its head, cells as they are printed."""
    for written, printed in PRINTED.items():
        table = table.replace(written, printed)
    table = re.sub(r"\\harrun\{[^}]*\}\{((?:[^{}]|\{\})*)\}", r"\1", table)
    body = table.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    lines = [line for line in body.splitlines() if line.endswith(r" \\")]
    return [line.removesuffix(r" \\").split(" & ") for line in lines]


def head(table):
    """Return the cells of a LaTeX table's head."""
    return table.partition("\\toprule\n")[2].partition(r" \\")[0].split(" & ")


def per_cent(value, digits=1):
    """Return a fraction in per cent, formatted without the package."""
    return f"{100 * value:.{digits}f}".replace("-", "−")


def ends(row, score="accuracy"):
    """Return the interval of a score in per cent."""
    return f"{per_cent(row[f'{score}_low'])} to {per_cent(row[f'{score}_high'])}"


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
    r"\\(?:har|ref|label|cite|input|source|theirs|harorigin|texttt|includegraphics|begin|end)(?:\[[^]]*\])?\{[^}]*\}",
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


def test_published_abstract_has_at_most_two_hundred_words():
    """A number is a word; a sign of its own, as of per cent, is none."""
    written = site._abstract(SimpleNamespace(folder=SOURCES)).split()
    assert 100 < len([word for word in written if re.search(r"\w", word)]) <= 200


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
    counterparts = " ".join(re.findall(r"\\(?:source|theirs)\{([^}]*)\}", TEXT))
    assert {int(n) for n in re.findall(r"\d+", counterparts)} == set(range(1, 13))
    assert "Table~I)" in TEXT
    assert "Table~II)" in TEXT


# --- Numbers from results -----------------------------------------------------------------------


def test_every_number_of_the_text_is_defined(numbers):
    used = set(re.findall(r"\\har\{([^}#]+)\}", TEXT))
    assert used - set(numbers) == set()


def test_first_page_says_whose_and_which_version_it_is(numbers):
    cited = yaml.safe_load((files.REPOSITORY / "CITATION.cff").read_text())
    assert numbers["paper.version"] == cited["version"]
    assert numbers["paper.authors"] == cited["authors"][0]["name"]
    assert numbers["paper.date"].endswith(str(cited["date-released"].year))
    assert all(name in numbers["paper.licence"] for name in cited["license"])


def test_last_commit_is_of_what_the_report_is_made_from(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    assert values.last_commit() == "unknown"

    def commit(path):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("text")
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        for command in (["add", "."], [*who, "commit", "-qm", path]):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)

    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit("har_utils/a.py")
    made_from = values.last_commit()
    assert re.fullmatch(r"[0-9a-f]{10}", made_from)
    commit("report/report.pdf")
    assert values.last_commit() == made_from


def test_values_of_notebooks_become_numbers():
    shown = values._value_numbers({"02_windows": {"files": 18, "error": 0.3456, "name": "x"}})
    assert shown == {
        "02_windows.files": "18",
        "02_windows.error": "0.346",
        "02_windows.error.percent": "34.6\N{NO-BREAK SPACE}%",
        "02_windows.name": "x",
    }


def test_numbers_say_whether_they_are_of_a_smoke_run(numbers):
    assert numbers["banner"] == report.BANNER != ""
    assert values.banner("report") == ""


def test_numbers_of_notebooks_are_their_own(numbers):
    place = 0
    for notebook, keys in VALUES.items():
        for key in keys:
            meant = 0.1 + 0.0037 * place
            assert float(numbers[f"{notebook}.{key}"]) == pytest.approx(meant, rel=6e-3)
            place += 1


def test_numbers_of_a_model_are_its_own(rich):
    numbers = values._model_numbers(rich)
    for name in ("multi_lstm", "cnn_1d@paper", "decision_tree"):
        row = rich.summary.loc[name]
        for score in report.SCORES:
            assert numbers[f"{name}.{score}"].startswith(f"{per_cent(row[f'{score}_mean'])}\xa0")
            assert numbers[f"{name}.{score}_interval"] == ends(row, score)
        assert numbers[f"{name}.ece"] == f"{row['ece_mean']:.3f}"
        loss = f"{row['negative_log_likelihood_mean']:.3f}"
        assert numbers[f"{name}.negative_log_likelihood"] == loss
    assert numbers["multi_lstm.accuracy_sd"] == per_cent(
        rich.summary.loc["multi_lstm", "accuracy_sd"]
    )
    assert numbers["multi_lstm.multiply_adds"] == "9.6\xa0million"
    assert numbers["multi_lstm.published_accuracy"] == "92.05\xa0%"


def test_one_seed_has_no_standard_deviation(numbers):
    assert numbers["cnn_1d.accuracy_sd"] == "–"
    assert numbers["linear_svc.negative_log_likelihood"] == "–"


def test_claims_change_with_a_rerun(material):
    names = ["single_lstm", "multi_lstm", "cnn_1d", "cnn_lstm"]
    few = dataclasses.replace(
        material, runs={name: material.runs[name] for name in names}, pairs=[]
    )
    assert lowered(claims.CLAIMS["best"](few))[1] == words.the("cnn_lstm").lower()
    better = {"single_lstm": [fabricated_run("single_lstm", 0, 1.3)]}
    turned = dataclasses.replace(few, runs=few.runs | better)
    assert lowered(claims.CLAIMS["best"](turned))[1] == words.the("single_lstm").lower()


def test_times_are_not_of_what_a_lesson_trained_for_itself(smoke, monkeypatch):
    timed = pd.DataFrame(
        {"name": ["first_network", "cnn_1d@recipe"], "model": ["first_network", "cnn_1d"]}
    )
    monkeypatch.setattr(results, "timings", lambda profile: timed)
    assert report.gather("smoke").times["name"].tolist() == ["cnn_1d@recipe"]


def test_missing_model_is_one_clear_line(smoke, monkeypatch):
    monkeypatch.setattr(models, "NETWORKS", (*models.NETWORKS, "no_such_model"))
    with pytest.raises(FileNotFoundError, match=r"^no run of no_such_model in [^\n]*$"):
        report.gather("smoke")


def test_generated_files_are_the_same_each_time(generated, material, numbers):
    again = {"numbers": report.macros(numbers), **report.tables(material)}
    assert {path.stem: path.read_text() for path in generated} == again
    assert set(again) == {"numbers"} | set(re.findall(r"\\har(?:wide|tight)?table\{(\w+)\}", TEXT))


def test_claims_of_variants_appear_where_they_were_run(material, rich):
    missing, there = (claims.CLAIMS["classical_reproduction"](each) for each in (material, rich))
    assert lowered(missing) == []
    assert lowered(there)[0] == words.the("linear_svc").lower()


# --- Tables: every column -----------------------------------------------------------------------


def test_classical_table_columns(rich, tables):
    shown = {row[0]: row[1:] for row in tables["table_classical"]}
    for name in models.CLASSICAL:
        row = rich.summary.loc[name]
        published = "–"
        if name == "linear_svc":
            mean = rich.summary.loc["linear_svc@published", "accuracy_mean"]
            published = per_cent(mean, 2)
        source = per_cent(models.PUBLISHED[name]["accuracy"], 2)
        honest = per_cent(row["accuracy_mean"], 2)
        assert shown[models.title(name)] == [source, published, honest, ends(row)]
    text = report.tables(rich)["table_classical"]
    assert head(text) == ["Model", "Source", "As published", "Honest", "Interval"]


def scores(row):
    """Return the four score cells of the table of networks."""
    names = ("accuracy", "macro_f1", "macro_precision", "macro_recall")
    cells_ = [f"{per_cent(row[f'{s}_mean'])} ± {spread(row[f'{s}_sd'])}" for s in names]
    return [f"{cells_[k]} ({ends(row, names[k])})" for k in (0, 1)] + cells_[2:]


def spread(value):
    """Return a standard deviation in per cent, a dash where there is one seed."""
    return "–" if np.isnan(value) else per_cent(value)


def test_network_table_columns(rich, tables):
    rows, summary = tables["table_networks"], rich.summary
    places = {row[0]: place for place, row in enumerate(rows) if row[0]}
    first = places["1D-CNN"]
    assert rows[first] == ["1D-CNN", "423,652", "ours", "1", *scores(summary.loc["cnn_1d"])]
    paper, tuned, source = rows[first + 1 : first + 4]
    assert paper == ["", "", "as published", "2", *scores(summary.loc["cnn_1d@paper"])]
    assert tuned == ["", "1,234", "tuned", "3", *scores(summary.loc["cnn_1d@tuned"])]
    order = ("accuracy", "macro_f1", "macro_precision", "macro_recall")
    published = [per_cent(models.PUBLISHED["cnn_1d"][score], 2) for score in order]
    assert source == ["", "", "source", "1", *published]
    recipe = rows[places["1D-CNN + LSTM"] + 1]
    assert recipe == ["", "", "new recipe", "2", *scores(summary.loc["cnn_lstm@recipe"])]
    head_ = head(report.tables(rich)["table_networks"])
    assert head_[:4] == ["Model", "Param.", "", "Seeds"]
    assert head_[4:] == ["Accuracy", "F1", "Precision", "Recall"]


def test_network_table_rows_of_the_course(rich, tables):
    rows, summary = tables["table_networks"], rich.summary
    places = {row[0]: place for place, row in enumerate(rows) if row[0]}
    own = [name for name in models.BUILDERS if name not in models.NETWORKS]
    for name in (*models.CONVOLUTIONS, *own):
        title, place = models.title(name), places[models.title(name)]
        if name == "modern":
            bare, title, place = rows[place], "", place + 1
            assert bare[:4] == [models.title(name), "4,321", "without mirroring", "2"]
            assert bare[4:] == scores(summary.loc["modern@unmirrored"])
        size = f"{5000 + list(models.TITLES).index(name):,}"
        assert rows[place] == [title, size, "ours", "1", *scores(summary.loc[name])]


def test_pair_table_columns(rich, tables):
    table = rich.pair_table
    for row, pair in zip(tables["table_pairs"], table.itertuples(), strict=True):
        assert (row[0], row[2]) == (models.title(pair.a), models.title(pair.b))
        ours, theirs = (rich.summary.loc[name, "accuracy_mean"] for name in (pair.a, pair.b))
        assert row[1] == ""  # nobody was left out in turn, so nobody is ahead
        assert row[3] == per_cent(ours - theirs)
        assert row[4] == f"{per_cent(pair.low)} to {per_cent(pair.high)}"
        assert row[5:] == ["–", "–"]
    names = ["First", "", "Second", "Diff.", "Interval", "All", "$p$"]
    assert head(report.tables(rich)["table_pairs"]) == names


def test_pair_table_calls_the_network_without_mirroring_by_a_name_that_fits(rich):
    pair = rich.pair_table.iloc[0].to_dict() | {"a": "modern", "b": models.UNMIRRORED}
    [row] = cells(tabulars._pair_table(pd.DataFrame([pair])))
    assert (row[0], row[2]) == (models.title("modern"), "Unmirrored CNN")


@pytest.mark.parametrize(
    ("verdict", "difference", "p", "sign", "between", "shown"),
    [
        ("a", 0.02, 0.0004, ">", "0.5 to 3.3", "<0.001"),
        ("b", -0.02, 0.0205, "<", "−3.5 to −0.7", "0.021"),
        ("undecided", 0.008, 0.31, "?", "−0.7 to 2.1", "0.310"),
    ],
)
def test_pair_table_sign_and_p(verdict, difference, p, sign, between, shown):
    pair = {"a": "cnn_1d", "b": "linear_svc", "difference": difference, "p_everybody": p}
    pair["everybody"] = difference / 2
    pair |= {"low": difference - 0.015, "high": difference + 0.013}
    pair["verdict"] = verdict
    [row] = cells(tabulars._pair_table(pd.DataFrame([pair])))
    assert row == [
        "1D-CNN",
        sign,
        "Linear SVC",
        per_cent(difference),
        between,
        per_cent(difference / 2),
        shown,
    ]


def test_search_table_columns(rich):
    numbers = {"trials": 30, "source_loss": 0.3012, "best_loss": 0.2204, "kept_loss": 0.2516}
    left = {f"cnn_lstm_{key}": value for key, value in numbers.items()} | {"is_small": False}
    text = tabulars._search_table(dataclasses.replace(rich, values={"09_tuning": left}))
    assert cells(text) == [["1D-CNN + LSTM", "30", "0.301", "0.220", "0.252"]]
    assert head(text) == ["Network", "Trials", "Source's", "Best", "Kept"]
    small = dataclasses.replace(rich, values={"09_tuning": left | {"is_small": True}})
    assert small.searches == dataclasses.replace(rich, values={}).searches == {}
    assert [row[1:] for row in cells(tabulars._search_table(small))] == [4 * ["–"]]


def test_retrained_table_columns(rich, tables):
    trained = [("1D-CNN", "as published", "cnn_1d@paper"), ("", "tuned", "cnn_1d@tuned")]
    trained.append(("1D-CNN + LSTM", "new recipe", "cnn_lstm@recipe"))
    for row, (title, how, name) in zip(tables["table_retrained"], trained, strict=True):
        usual, _, variant = name.partition("@")
        before, after = (rich.summary.loc[each, "accuracy_mean"] for each in (usual, name))
        [pair] = rich.against_usual(variant).itertuples()
        change = ("+" if after > before else "") + per_cent(after - before)
        assert row == [title, how, change, f"{per_cent(pair.low)} to {per_cent(pair.high)}"]
    names = ["Network", "Trained", "Change", "Interval"]
    assert head(report.tables(rich)["table_retrained"]) == names


def test_circumstance_table_columns(rich, tables):
    lost = rich.values["10_robustness"]
    noise = [100 * lost[f"{name}_lost_noise"] for name in models.NETWORKS]
    turned = [100 * lost[f"{name}_lost_rotated"] for name in models.NETWORKS]
    rows = tables["table_circumstances"]
    assert head(report.tables(rich)["table_circumstances"])[1:] == ["Source", "Modern", "Classical"]
    assert len(rows) == len(claims.MEASURED) + len(claims.WORN)
    for row, points in ((rows[0], noise), (rows[len(claims.MEASURED)], turned)):
        assert row[1:] == [f"{min(points):.0f} to {max(points):.0f}", "–", "–"]
    assert rows[0][0].casefold() == claims.circumstance("noise").casefold()


def test_circumstance_table_has_a_cell_for_each_group_and_circumstance(rich):
    circumstances = (*claims.MEASURED, *claims.WORN)
    names = (*models.NETWORKS, "modern", *models.CLASSICAL)
    points = np.random.default_rng(0).permutation(len(circumstances) * len(names)) + 1
    points = points.reshape(len(circumstances), len(names))
    lost = {
        f"{name}_lost_{where}": points[row, column] / 100
        for row, where in enumerate(circumstances)
        for column, name in enumerate(names)
    }
    lost |= {f"{name}_lost_clock": 0.719 + k / 1000 for k, name in enumerate(models.CLASSICAL)}
    all_lost = dataclasses.replace(rich, values={"10_robustness": lost})
    rows = cells(tabulars._circumstance_table(all_lost))
    for row, where, of in zip(rows, circumstances, points, strict=True):
        said = claims.circumstance(where).replace(words.SPACE, " ")
        source, modern, classical = of[:4], of[4], of[5:]
        ours = "72" if where == "clock" else f"{min(classical)} to {max(classical)}"
        assert row[0] == said[0].upper() + said[1:]
        assert row[1:] == [f"{min(source)} to {max(source)}", str(modern), ours]


def test_cost_table_columns(rich, tables):
    shown = {row[0]: row[1:] for row in tables["table_cost"]}
    for k, name in enumerate(models.BUILDERS):
        row, record = rich.summary.loc[name], rich.runs[name][0].record
        assert shown[models.title(name)] == [
            f"{record['n_parameters']:,}",
            f"{record['multiply_adds'] / 1e6:.1f}",
            str(record["epochs"]["chosen"]),
            f"{(60 + 100 * k + 12) / 60:.1f}",
            f"{row['negative_log_likelihood_mean']:.3f}",
            f"{row['ece_mean']:.3f}",
        ]
    names = ["Model", "Param.", "Mult. (M)", "Epochs", "Min.", "NLL", "ECE"]
    assert head(report.tables(rich)["table_cost"]) == names


def test_published_table_columns(rich, tables):
    rows, works = tables["table_published"], rich.published
    ours, others = rows[len(works) :], rows[: len(works)]
    n_same = int(works["protocol"].str.endswith(claims.SAME_WINDOWS).sum())
    assert 0 < n_same < len(works)
    for column in (ours, others[:n_same], others[n_same:]):
        accuracies = [float(row[1]) for row in column]
        assert accuracies == sorted(accuracies, reverse=True)
    for work in works.itertuples():
        [row] = [
            row
            for row in others
            if row[0].endswith(rf"\cite{{{work.cite}}}") and row[1] == per_cent(work.accuracy, 2)
        ]
        assert row[0].startswith(work.label.replace("&", r"\&"))
        assert row[2].endswith(work.protocol)
        assert row[2].startswith("HAPT") == (work.data == "HAPT")
    for name in ("linear_svc", "cnn_lstm"):
        row, kind = rich.summary.loc[name], "features" if name == "linear_svc" else "raw signals"
        shown = [models.title(name), per_cent(row["accuracy_mean"]), f"{kind}, ours; {ends(row)}"]
        assert shown in ours
    names = ["Work", "Accuracy", "Input and protocol"]
    assert head(report.tables(rich)["table_published"]) == names


def test_published_table_has_the_network_without_mirroring_where_it_was_trained(rich):
    bare = [fabricated_run(models.UNMIRRORED, seed, 0.8) for seed in range(2)]
    both = dataclasses.replace(rich, runs=rich.runs | {models.UNMIRRORED: bare})
    rows = cells(report.tables(both)["table_published"])
    accuracy = both.summary.loc[models.UNMIRRORED, "accuracy_mean"]
    assert [models.title(models.UNMIRRORED), per_cent(accuracy)] in [row[:2] for row in rows]


def test_everybody_table_columns(rich, monkeypatch):
    told = {"everybody": 0.97, "the_test_people": 0.95, "the_others": 0.98, "official": 0.96}
    told["n_seeds"] = 3
    told |= {"model": "minirocket", "low": 0.941, "high": 0.99}
    monkeypatch.setattr(claims, "over_everybody", lambda material: [told])
    table = tabulars._everybody_table(rich)
    assert head(table) == [*("Model", "Seeds", "Thirty", "Interval", "Nine", "Others", "Official")]
    assert cells(table) == [["MiniRocket", "3", "97.0", "94.1 to 99.0", "95.0", "98.0", "96.0"]]
    assert r"\harrun{minirocket@loso}{97.0}" in table


def test_people_table_columns(rich, monkeypatch):
    told = {"title": "WISDM 2019", "placement": "pocket", "people": 21, "activities": 4}
    told |= {"recorded": 0.301, "turned": 0.573, "attempts": [0.842], "windows": 0.846}
    told |= {"mean": 0.862, "low": 0.788, "high": 0.921, "worst": 0.47}
    monkeypatch.setattr(claims, "scores", lambda material: [told])
    table = tabulars._people_table(rich)
    names = ["Data set", "Place", "People", "Act.", "As recorded", "Turned", "Attempt 1"]
    assert head(table) == [*names, "Attempt 2, windows", "Attempt 2", "Interval", "Worst"]
    scores = ["30.1", "57.3", "84.2", "84.6", "86.2", "78.8 to 92.1", "47.0"]
    assert cells(table) == [["WISDM 2019", "pocket", "21", "4", *scores]]


def test_version_table_columns(rich, tables):
    shown = dict(tables["table_versions"])
    assert head(report.tables(rich)["table_versions"]) == ["What", "Which"]
    assert shown["Profile"] == "smoke (runs: smoke)"
    assert shown["Recordings"] == "packaged"
    assert shown["Data digest"] == "ab" * 8
    assert shown["Code digests"] == "cd" * 8
    assert shown["Seeds"] == "0, 1 and 2"
    assert shown["Hardware"] == "EPYC, 2 cores"
    assert shown["Python"] == platform.python_version()
    for name, version in results.versions().items():
        assert shown[name] == version
    assert shown["pandas"] == pd.__version__
    for name in tabulars.TOOLS:
        assert shown[name] == importlib.metadata.version(name)


def test_version_table_names_all_that_runs_differ_in(rich):
    other = fabricated_run("minirocket", 7, 0.7)
    other.record.update(profile="lab", code_digest="12" * 32)
    times = pd.concat([rich.times, rich.times.assign(processor="Xeon", cores=3)])
    both = dataclasses.replace(rich, runs=rich.runs | {"minirocket": [other]}, times=times)
    shown = dict(cells(tabulars._version_table(both)))
    assert shown["Profile"] == "smoke (runs: lab and smoke)"
    assert shown["Code digests"] == f"{'12' * 8} and {'cd' * 8}"
    assert shown["Seeds"] == "0, 1, 2 and 7"
    assert shown["Hardware"] == "EPYC, 2 cores and Xeon, 3 cores"
    untimed = dataclasses.replace(rich, times=pd.DataFrame())
    assert dict(cells(tabulars._version_table(untimed)))["Hardware"] == "–"


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
def build(smoke, generated):
    """A smoke build ready for LaTeX: numbers, tables, and a blank figure for each that is shown."""
    try:
        tex.find()
    except tex.TexError as error:
        pytest.skip(f"needs TeX: {error}")
    for path in generated:
        files.write_text(smoke / "generated" / path.name, path.read_text())
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
    parts = (tex.SOURCES, build / "generated", build / "figures")
    assert manifest.said_in(first) == manifest.set_from(*parts)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes().startswith(b"%PDF")


def test_paper_is_the_readers_choice(build, tmp_path, monkeypatch):
    pdf = tmp_path / "a4.pdf"
    monkeypatch.setenv("PAPER", "a4")
    tex.make_pdf(build, pdf)
    log = (build / "report" / "report.log").read_text("latin-1")
    assert "Using 210mm x 297mm (a4) paper" in log
    monkeypatch.setenv("PAPER", "papyrus")
    with pytest.raises(tex.TexError, match=r"^PAPER=papyrus: choose one of letter, a4$"):
        tex.paper()


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


# --- Links --------------------------------------------------------------------------------------


def test_origins_know_every_figure_and_table_of_the_text():
    shown = set(figures_used()) | set(re.findall(r"\\har(?:tight|wide)?table\{(\w+)\}", TEXT))
    assert shown - links.origins().keys() == {"table_versions"}
    lessons = {path.stem for path in (files.REPOSITORY / "notebooks").glob("*.ipynb")}
    assert set(links.origins().values()) <= lessons


def test_rows_of_numbers_link_to_runs_that_are_there(rich):
    names = {
        name
        for text in report.tables(rich).values()
        for name in re.findall(r"\\harrun\{([^}]*)\}", text)
    }
    assert {"cnn_1d", "linear_svc", "modern"} <= names <= rich.runs.keys()


@pytest.mark.parametrize(
    ("lesson", "number"), [("04_single_lstm", "4"), ("10b_sure_and_wrong", "10b"), ("x", "x")]
)
def test_number_of_a_lesson(lesson, number):
    assert links.number_of(lesson) == number


def test_published_links_lead_to_the_address_of_the_repository_if_it_has_one(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    (tmp_path / "CITATION.cff").write_text("title: a\n")
    assert links.published() == links.PUBLISHED
    (tmp_path / "CITATION.cff").write_text("repository-code: https://example.org/har/\n")
    assert links.published().runs == "https://example.org/har/blob/HEAD/report/results"


def test_links_stand_in_the_pdf(build, tmp_path):
    pdf = tmp_path / "report.pdf"
    tex.make_pdf(build, pdf, links.Places("over/there", "html", "the/runs"))
    found = b"".join([pdf.read_bytes(), *manifest._inflated(pdf.read_bytes())])
    assert b"/URI(over/there/11_comparison.html)" in found.replace(b"/URI (", b"/URI(")
    assert b"/URI(the/runs/modern/)" in found.replace(b"/URI (", b"/URI(")


# --- The report as a page -----------------------------------------------------------------------


@pytest.fixture
def written(generated):
    """The report with our macros filled in."""
    return twin.filled_in(tex.SOURCES, generated[0].parent, links.IN_SITE)


def test_filled_in_leaves_none_of_our_macros(written):
    assert re.findall(r"\\har\w*", written) == []
    assert r"\source" not in written


def test_filled_in_has_every_figure_table_and_claim(written, generated):
    for name in figures_used():
        assert f"{{figures/{name}.png}}" in written
    tables = [path for path in generated if path.stem.startswith("table_")]
    by_hand = TEXT.count(r"\begin{tabular}")
    assert written.count(r"\begin{tabular}") == len(tables) + by_hand
    assert r"\theirs" not in written
    numbers = next(path for path in generated if path.stem == "numbers").read_text()
    said = dict(agreement.DEFINED.findall(numbers))
    assert said["claim.choices"] in written


def test_filled_in_links_figures_to_lessons_and_numbers_to_runs(written):
    assert r"\href{./11_comparison.html}{[Lesson~11]}" in written
    assert r"\href{../results/cnn_1d/}{1D-CNN}" in written


def test_filled_in_refuses_an_unknown_number(tmp_path, generated):
    (tmp_path / "report.tex").write_text(r"\begin{document}\har{no.such}\end{document}")
    with pytest.raises(tex.TexError, match=r"Undefined number: no\.such"):
        twin.filled_in(tmp_path, generated[0].parent, links.IN_SITE)


def test_twin_is_none_without_pandoc(tmp_path, monkeypatch):
    monkeypatch.setattr(twin, "find", lambda: None)
    assert twin.make(tmp_path) is None


def test_twin_is_a_page_with_formulas_tables_and_links(generated, tmp_path):
    if twin.find() is None:
        pytest.skip("needs pandoc")
    shutil.copytree(generated[0].parent, tmp_path / "generated")
    page = twin.make(tmp_path)
    assert page.count("<table") == page.count("<caption")
    assert page.count("<img") == len(figures_used())
    assert '<a href="./11_comparison.html">' in page
    assert "<math" in page
    assert "References" in page or "csl-entry" in page
