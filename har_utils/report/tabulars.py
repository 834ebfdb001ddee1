"""The report's tables."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from har_utils import claims, evaluation, models
from har_utils.claims.material import SCORES, Material, NotMeasuredError
from har_utils.report.typesetting import interval, latex, tabular
from har_utils.words import MISSING, decimal, grouped, listing, signed, span

RETRAINED = {"as published": "paper", "tuned": "tuned", "new recipe": "recipe"}
"""How a network of the source was trained besides our protocol: in words → variant."""

TOOLS = ("scipy", "pandas", "matplotlib", "papermill", "snakemake")
"""Packages the appendix names besides those that can change a result."""


def tables(material: Material) -> dict[str, str]:
    """Return every generated table: file name without ending → LaTeX."""
    return {
        "table_classical": _classical_table(material),
        "table_networks": _network_table(material),
        "table_pairs": _pair_table(material.pair_table),
        "table_retrained": _retrained_table(material),
        "table_searches": _search_table(material),
        "table_circumstances": _circumstance_table(material),
        "table_cost": _cost_table(material),
        "table_published": _published_table(material),
        "table_everybody": _everybody_table(material),
        "table_people": _people_table(material),
        "table_versions": _version_table(material),
    }


def _linked(name: str, cell: str) -> str:
    r"""Return a cell that links to the runs of a model; one of nothing, or of a dash, to none."""
    return rf"\harrun{{{name}}}{{{cell}}}" if cell.strip("-") else cell


def _classical_table(material: Material) -> str:
    """Return the classical models: the source's accuracy, ours as published, ours honest."""
    rows = []
    for name, row in material.classical.iterrows():
        as_published = MISSING
        if f"{name}@published" in material.runs:
            mean = material.summary.loc[f"{name}@published", "accuracy_mean"]
            as_published = decimal(100 * mean, 2)
        cells = [
            models.title(name),
            decimal(100 * models.PUBLISHED[name]["accuracy"], 2),
            as_published,
            decimal(100 * row["accuracy_mean"], 2),
            interval(row),
        ]
        source, *ours = [latex(cell) for cell in cells[1:]]
        linked = [
            _linked(f"{name}@published", ours[0]),
            *(_linked(name, each) for each in ours[1:]),
        ]
        rows.append([_linked(name, latex(cells[0])), source, *linked])
    return tabular("Xrrrr", ["Model", "Source", "As published", "Honest", "Interval"], rows)


def _network_table(material: Material) -> str:
    """Return the networks' scores by each protocol, what the source says, and random kernels'."""
    rows: list[list[str] | None] = []
    for name in material.networks.index:
        title, usual = models.title(name), material.summary.loc[name, "n_parameters"]
        protocols = {"ours": name, "as published": f"{name}@paper"}
        protocols |= {"tuned": f"{name}@tuned", "new recipe": f"{name}@recipe"}
        for protocol, run_name in protocols.items():
            if run_name in material.runs:
                row = material.summary.loc[run_name]
                size = grouped(row["n_parameters"])
                shown = size if run_name == name or row["n_parameters"] != usual else ""
                cells = (title, shown, protocol, str(int(row["n_seeds"])), *_score_cells(row))
                rows.append([_linked(run_name, latex(cell)) for cell in cells])
                title = ""
        source = [decimal(100 * models.PUBLISHED[name][score], 2) for score in SCORES]
        rows.append([latex(cell) for cell in (title, "", "source", "1", *source)])
        rows.append(None)
    for name in [*material.convolutions.index, *material.other_networks.index]:
        both = [each for each in (f"{name}@unmirrored", name) if each in material.summary.index]
        for each in both:
            title = models.title(name) if each == both[0] else ""
            own = _own_model(each, title, material.summary)
            rows.append([_linked(each, latex(cell)) for cell in own])
        rows.append(None)
    head = ["Model", "Param.", "", "Seeds", "Accuracy", "F1", "Precision", "Recall"]
    return tabular("lrlrrrrr", head, rows[:-1])


def _own_model(name: str, title: str, summary: pd.DataFrame) -> list[str]:
    """Return the row of a model of the course; a variant of it is named as its protocol."""
    row, variant = summary.loc[name], name.partition("@")[2]
    size, seeds = grouped(row["n_parameters"]), str(int(row["n_seeds"]))
    return [title, size, models.VARIANTS.get(variant, "ours"), seeds, *_score_cells(row)]


def _score_cells(row: pd.Series) -> list[str]:
    """Return every score of one model, mean and spread over seeds; the first two with interval."""
    cells = [
        f"{decimal(100 * row[f'{score}_mean'])} ± {decimal(100 * row[f'{score}_sd'])}"
        for score in SCORES
    ]
    with_interval = [
        f"{cell} ({interval(row, score)})" for cell, score in zip(cells[:2], SCORES, strict=False)
    ]
    return with_interval + cells[2:]


def _retrained_table(material: Material) -> str:
    """Return what the source's networks gain, in points, by being trained in another way."""
    compared = {how: material.against_usual(variant) for how, variant in RETRAINED.items()}
    rows: list[list[str] | None] = []
    for name in models.NETWORKS:
        title = models.title(name)
        for how, pairs in compared.items():
            for pair in pairs[pairs["b"] == name].itertuples():
                change = signed(100 * pair.difference)
                rows.append(
                    [latex(cell) for cell in (title, how, change, span(pair.low, pair.high))]
                )
                title = ""
    return tabular("Xlrr", ["Network", "Trained", "Change", "Interval"], rows)


def _search_table(material: Material) -> str:
    """Return the losses on held-out people that large searches for settings found."""
    rows = []
    for name, found in material.searches.items():
        losses = [decimal(found[f"{which}_loss"], 3) for which in ("source", "best", "kept")]
        cells = [models.title(name), grouped(found["trials"]), *losses]
        rows.append([latex(cell) for cell in cells])
    none = [[latex("no large search in this build"), *4 * [MISSING]]]
    return tabular("Xrrrr", ["Network", "Trials", "Source's", "Best", "Kept"], rows or none)


def _circumstance_table(material: Material) -> str:
    """Return what other circumstances cost groups of models, in points of accuracy."""
    groups = {"Source": models.NETWORKS, "Modern": ["modern"], "Classical": models.CLASSICAL}
    rows = []
    for circumstance in (*claims.MEASURED, *claims.WORN):
        words_for = claims.circumstance(circumstance)
        cells = [words_for[0].upper() + words_for[1:]]
        cells += [_cost_of(material, names, circumstance) for names in groups.values()]
        rows.append([latex(cell) for cell in cells])
    return tabular("Xrrr", ["What is different", *groups], rows)


def _cost_of(material: Material, names: Sequence[str], circumstance: str) -> str:
    """Return the least and most points that a circumstance costs some models."""
    try:
        lost = claims.losses(material, names, [circumstance])[circumstance]
    except NotMeasuredError:
        return MISSING
    least, most = (decimal(100 * end(lost), 0) for end in (min, max))
    return least if least == most else f"{least} to {most}"


def _pair_table(pairs: pd.DataFrame) -> str:
    """Return the comparisons: on the test people, and over everybody, who decide the sign."""
    rows = []
    for pair in pairs.itertuples():
        cells = [
            _short(pair.a),
            {"a": ">", "b": "<"}.get(pair.verdict, "?" if pd.notna(pair.p_everybody) else ""),
            _short(pair.b),
            decimal(100 * pair.difference),
            span(pair.low, pair.high),
            decimal(100 * pair.everybody),
            _p_value(pair.p_everybody),
        ]
        first, sign, second, *numbers = [latex(cell) for cell in cells]
        everybody = [_linked(_left_out(pair.a), each) for each in numbers[2:]]
        on_nine = [_linked(pair.a, each) for each in numbers[:2]]
        rows.append([_linked(pair.a, first), sign, _linked(pair.b, second), *on_nine, *everybody])
    head = ["First", "", "Second", "Diff.", "Interval", "All", "$p$"]
    return tabular(r"lclrr@{\hspace{8pt}}rr", head, rows)


def _everybody_table(material: Material) -> str:
    """Return what models reach on everybody left out in turn, on test people and others."""
    rows = []
    for told in claims.over_everybody(material):
        name = told["model"]
        shares = (told["everybody"], told["the_test_people"], told["the_others"])
        everybody, nine, others = (decimal(100 * share) for share in shares)
        linked = _linked(_left_out(name), latex(everybody))
        interval_ = span(told["low"], told["high"])
        official = _linked(name, latex(decimal(100 * told["official"])))
        cells = [latex(cell) for cell in (interval_, nine, others)]
        seeds = str(told["n_seeds"])
        rows.append([_linked(name, latex(_short(name))), seeds, linked, *cells, official])
    head = ["Model", "Seeds", "Thirty", "Interval", "Nine", "Others", "Official"]
    return tabular("Xrrrrrr", head, rows)


def _people_table(material: Material) -> str:
    """Return how people of other data sets are recognised: by one belt's network, by others'."""
    try:
        told = claims.scores(material)
    except NotMeasuredError:
        return tabular("l", ["Not measured in this build"], [])
    rows = []
    for each in told:
        scores = (each["recorded"], each["turned"], *each["attempts"], each["windows"])
        cells = [
            each["title"],
            each["placement"],
            str(each["people"]),
            str(each["activities"]),
            *(decimal(100 * score) for score in scores),
            decimal(100 * each["mean"]),
            span(each["low"], each["high"]),
            decimal(100 * each["worst"]),
        ]
        rows.append([latex(cell) for cell in cells])
    before = [f"Attempt {number + 1}" for number in range(len(told[0]["attempts"]))]
    newest = f"Attempt {len(before) + 1}"
    head = ["Data set", "Place", "People", "Act.", "As recorded", "Turned", *before]
    head += [f"{newest}, windows", newest, "Interval", "Worst"]
    return tabular("Xl" + "r" * (len(head) - 2), head, rows)


def _short(name: str) -> str:
    """Return a model's title; of the network without mirrored windows one that fits a column."""
    return "Unmirrored CNN" if name == models.UNMIRRORED else models.title(name)


def _left_out(name: str) -> str:
    """Return the folder of the runs of a model that left everybody out."""
    return "loso" if name in models.CLASSICAL else evaluation.name_left_out(name)


def _p_value(p: float) -> str:
    """Return a p-value to three digits; a dash if there is none."""
    return "<0.001" if p < 0.001 else decimal(p, 3)


def _cost_table(material: Material) -> str:
    """Return what each network costs and how good its probabilities are."""
    rows = []
    for name, row in material.all_networks.iterrows():
        epochs = material.runs[name][0].record["epochs"]
        cells = [
            models.title(name),
            grouped(row["n_parameters"]),
            decimal(row["multiply_adds"] / 1e6),
            f"{epochs['chosen']}",
            decimal(material.minutes.get(name)),
            decimal(row["negative_log_likelihood_mean"], 3),
            decimal(row["ece_mean"], 3),
        ]
        rows.append([_linked(name, latex(cell)) for cell in cells])
    head = ["Model", "Param.", "Mult. (M)", "Epochs", "Min.", "NLL", "ECE"]
    return tabular("lrrrrrr", head, rows)


def _published_table(material: Material) -> str:
    """Return what others published, on the same windows and otherwise, and ours with intervals."""
    rows: list[list[str] | None] = []
    ranked = material.published.sort_values("accuracy", ascending=False)
    is_same = ranked["protocol"].str.endswith(claims.SAME_WINDOWS)
    for group in (ranked[is_same], ranked[~is_same]):
        for work in group.itertuples():
            cited = rf"{latex(work.label)}~\cite{{{work.cite}}}"
            rows.append([cited, latex(decimal(100 * work.accuracy, 2)), latex(_protocol(work))])
        rows.append(None)
    known = [name for name in (*material.titled, models.UNMIRRORED) if name in material.runs]
    ours = material.summary.loc[known].sort_values("accuracy_mean", ascending=False)
    for name, row in ours.iterrows():
        kind = "features" if name in models.CLASSICAL else "raw signals"
        cells = [models.title(name), decimal(100 * row["accuracy_mean"])]
        cells.append(f"{kind}, ours; {interval(row)}")
        rows.append([_linked(name, latex(cell)) for cell in cells])
    return tabular("lrX", ["Work", "Accuracy", "Input and protocol"], rows)


def _protocol(work: Any) -> str:
    """Return a published result's protocol, with the data where they are not these."""
    return work.protocol if work.data == "UCI HAR" else f"{work.data}: {work.protocol}"


def _version_table(material: Material) -> str:
    """Return what the report was made from and with."""
    records = [run.record for runs in material.runs.values() for run in runs]
    record = next(iter(material.network_runs.values()))[0].record
    seeds = sorted({run.key.seed for runs in material.runs.values() for run in runs})

    def listed(key: Literal["profile", "code_digest"]) -> str:
        return listing(sorted({each[key][:16] for each in records}))

    made = {
        "Profile": f"{material.profile} (runs: {listed('profile')})",
        "Recordings": record["data"]["source"],
        "Data digest": record["data"]["digest"][:16],
        "Code digests": listed("code_digest"),
        "Seeds": listing(map(str, seeds)),
        "Hardware": _hardware(material.times),
        "Python": platform.python_version(),
    }
    tools = {name: importlib.metadata.version(name) for name in TOOLS}
    rows = [
        [latex(name), latex(text)] for name, text in (made | record["versions"] | tools).items()
    ]
    return tabular(r"l>{\raggedright\arraybackslash}X", ["What", "Which"], rows)


def _hardware(times: pd.DataFrame) -> str:
    """Return the machines the times were measured on."""
    if times.empty:
        return MISSING
    machines = times[["processor", "cores"]].drop_duplicates()
    return listing(f"{row.processor}, {row.cores} cores" for row in machines.itertuples())
