"""The report's tables."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any

import pandas as pd

from har_utils import (
    evaluation,
    models,
)
from har_utils.report.material import SCORES, Material
from har_utils.report.typesetting import interval, latex, tabular
from har_utils.words import MISSING, decimal, grouped, listing, span

SHORT_ACTIVITIES = ("Walk", "Up", "Down", "Sit", "Stand", "Lie")
"""The activities as the head of a narrow table names them."""


TOOLS = ("scipy", "pandas", "matplotlib", "papermill", "snakemake")
"""Packages the appendix names besides those that can change a result."""


def tables(material: Material) -> dict[str, str]:
    """Return every generated table: file name without ending → LaTeX."""
    return {
        "table_classical": _classical_table(material),
        "table_networks": _network_table(material),
        "table_pairs": _pair_table(material.pair_table),
        "table_activities": _activity_table(material),
        "table_cost": _cost_table(material),
        "table_published": _published_table(material),
        "table_versions": _version_table(material),
    }


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
        rows.append([latex(cell) for cell in cells])
    return tabular("Xrrrr", ["Model", "Source", "As published", "Honest", "Interval"], rows)


def _network_table(material: Material) -> str:
    """Return the networks' scores by each protocol, what the source says, and random kernels'."""
    rows = []
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
                rows.append([latex(cell) for cell in cells])
                title = ""
        source = [decimal(100 * models.PUBLISHED[name][score], 2) for score in SCORES]
        rows.append([latex(cell) for cell in (title, "", "source", "1", *source)])
        rows.append(None)
    for name, row in pd.concat([material.convolutions, material.other_networks]).iterrows():
        size, seeds = grouped(row["n_parameters"]), str(int(row["n_seeds"]))
        cells = (models.title(name), size, "ours", seeds, *_score_cells(row))
        rows += [[latex(cell) for cell in cells], None]
    head = ["Model", "Param.", "", "Seeds", "Accuracy", "F1", "Precision", "Recall"]
    return tabular("lrlrrrrr", head, rows[:-1])


def _score_cells(row: pd.Series) -> list[str]:
    """Return every score of one model: mean, spread over seeds, interval."""
    return [
        f"{decimal(100 * row[f'{score}_mean'])} ± {decimal(100 * row[f'{score}_sd'])} "
        f"({interval(row, score)})"
        for score in SCORES
    ]


def _pair_table(pairs: pd.DataFrame) -> str:
    """Return the comparisons of models, with a sign that says who is ahead."""
    rows = []
    for pair in pairs.itertuples():
        cells = [
            models.title(pair.a),
            {"a": ">", "b": "<"}.get(pair.verdict, "?"),
            models.title(pair.b),
            decimal(100 * pair.difference),
            span(pair.low, pair.high),
            "<0.001" if pair.p_holm < 0.001 else decimal(pair.p_holm, 3),
        ]
        rows.append([latex(cell) for cell in cells])
    return tabular("lclrrr", ["First", "", "Second", "Diff.", "Interval", "$p$"], rows)


def _activity_table(material: Material) -> str:
    """Return the recall of each activity by each model."""
    recall = evaluation.per_activity_table({name: material.runs[name] for name in material.titled})
    rows = [
        [latex(models.title(name)), *(latex(decimal(100 * share)) for share in row)]
        for name, row in recall.iterrows()
    ]
    return tabular("Xrrrrrr", ["Model", *SHORT_ACTIVITIES], rows)


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
        rows.append([latex(cell) for cell in cells])
    head = ["Model", "Param.", "Mult. (M)", "Epochs", "Min.", "NLL", "ECE"]
    return tabular("lrrrrrr", head, rows)


def _published_table(material: Material) -> str:
    """Return what others published, with its protocol, above ours with intervals."""
    rows: list[list[str] | None] = []
    for work in material.published.sort_values("accuracy", ascending=False).itertuples():
        cited = rf"{latex(work.label)}~\cite{{{work.cite}}}"
        rows.append([cited, latex(decimal(100 * work.accuracy, 2)), latex(_protocol(work))])
    rows.append(None)
    ours = material.summary.loc[material.titled].sort_values("accuracy_mean", ascending=False)
    for name, row in ours.iterrows():
        kind = "features" if name in models.CLASSICAL else "raw signals"
        cells = [models.title(name), decimal(100 * row["accuracy_mean"])]
        rows.append([latex(cell) for cell in (*cells, f"{kind}, ours; {interval(row)}")])
    return tabular("lrX", ["Work", "Accuracy", "Input and protocol"], rows)


def _protocol(work: Any) -> str:
    """Return a published result's protocol, with the data where they are not these."""
    return work.protocol if work.data == "UCI HAR" else f"{work.data}: {work.protocol}"


def _version_table(material: Material) -> str:
    """Return what the report was made from and with."""
    records = [run.record for runs in material.runs.values() for run in runs]
    record = next(iter(material.network_runs.values()))[0].record
    seeds = sorted({run.key.seed for runs in material.runs.values() for run in runs})

    def listed(key: str) -> str:
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
