"""Copying a finished build into the repository, with a note of where it came from."""

from __future__ import annotations

import contextlib
import hashlib
import platform
import shutil
import subprocess
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from har_utils import deployment, files, in_browser, models, recipe, results, sentences, words
from har_utils.build import archive, snakemake
from har_utils.build.dependencies import PipelineError
from har_utils.build.plan import RUN_FILES, Course
from har_utils.files import write_text
from har_utils.report import links, manifest, tex

CODE = (
    *("Snakefile", "config", "har_utils", "notebooks", "pyproject.toml", "requirements.lock"),
    *("report/report.tex", "report/sections", "report/references.bib"),
)
"""What a published result depends on, below the repository."""

LARGEST = 20_000_000
"""Published results stay below so many bytes in all."""

MEASURED = (in_browser.TABLE, in_browser.PAGE_TABLE)
"""Published tables that no build makes and that stay: a command of their own writes them."""

LEDGER = "report/test_touches.json"
"""How often each model saw the test people, at the least; it is only ever added to."""

say = sentences.beside(__file__)

BOTH_MARKERS = ("<!-- both: begin -->", "<!-- both: end -->")
"""Between these lines of README.md stands first of all how well it works: here, and elsewhere."""

MARKERS = ("<!-- results: begin -->", "<!-- results: end -->")
"""Between these stands the table of results."""

EVERYBODY_MARKERS = ("<!-- everybody: begin -->", "<!-- everybody: end -->")
"""Between these, likewise, what models reach over everybody left out in turn."""

PEOPLE_MARKERS = ("<!-- people: begin -->", "<!-- people: end -->")
"""Between these, where a README has them, how people of other data sets are recognised."""


def publish(course: Course, new_times: bool = False) -> list[str]:
    """Copy figures, PDF, numbers and results of a build into the repository.

    Everything is gathered aside first, so a failure leaves what was published before. Files that
    the build no longer makes disappear.

    Parameters
    ----------
    course
        What was built.
    new_times
        Replace the published times, which otherwise stay: they differ from run to run.

    Returns
    -------
    list of str
        What was published, one line each.

    Raises
    ------
    PipelineError
        If the build is a smoke run, is not finished, or was made from code that is not committed,
        or README.md has no place for the results.
    """
    _refuse_unfit(course)
    repository = files.REPOSITORY
    readme = _with_tables(repository / "README.md", results_table(course))
    aside = _fresh_aside()
    targets = _gather(course, aside, new_times)
    size = sum(path.stat().st_size for path in (aside / "report").rglob("seed-*"))
    if size > LARGEST:
        raise PipelineError(f"results are {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f} MB")
    for target in targets:
        files.put_in_place(aside / target, repository / target)
    shutil.rmtree(aside)
    write_text(repository / "README.md", readme)
    _write_manifest(course)
    archive.write()
    return [f"{target}: {_count(repository / target)}" for target in targets]


def publish_runs(course: Course) -> list[str]:
    """Copy the runs a build has finished so far into ``report/results``, and their networks.

    For trainings that take days: they are published as they land, and profiles that do not make
    them read them from there. What other models have published stays as it is.

    Parameters
    ----------
    course
        What is being built.

    Returns
    -------
    list of str
        What was published, one line for each model.

    Raises
    ------
    PipelineError
        If the build is a smoke run, made from code that is not committed, or nothing is finished;
        or if runs were made by other code than is there now.
    """
    _refuse_uncommitted(course)
    keys = [key for key in course.runs if key.fold is None and _is_finished(course, key)]
    tables = [table for job in course.jobs for table in course.table_files(job)]
    tables = sorted({path for path in tables if path.exists()})
    if not keys and not tables and not _whole(course):
        raise PipelineError(f"profile {course.profile} has no finished run yet")
    for key in keys:
        _refuse_old_code(results.read_run(course.folder / "results", key))
    target = results.published_folder()
    pooled = _publish_pooled(course, target)
    dropped = _drop_other_code(course, target, keys)
    for key in keys:
        for ending in reversed(RUN_FILES):
            source = results.run_file(course.folder / "results", key, ending)
            files.copy(source, results.run_file(target, key, ending))
    for path in tables:
        files.copy(path, target / path.relative_to(course.folder / "results"))
    times = _merged_times(course, [*keys, *pooled], dropped)
    files.write_json(target / "timing.json", times)
    aside = _fresh_aside()
    if _gather_networks(course, aside):
        files.put_in_place(aside, results.networks_folder())
    counts = Counter(key.name for key in [*keys, *pooled])
    said = [f"{name}: {count} seed{'s' * (count != 1)}" for name, count in counts.items()]
    said += [f"{key.stem}: of other code, no longer published" for key in dropped]
    shown = [path.relative_to(course.folder / "results").as_posix() for path in tables]
    return said + [f"{name}: {_count(path)}" for name, path in zip(shown, tables, strict=True)]


def _fresh_aside() -> Path:
    """Return an empty folder beside what is published: on the same disk, so a move is one step."""
    aside = files.REPOSITORY / ".publication"
    shutil.rmtree(aside, ignore_errors=True)
    return aside


def _drop_other_code(
    course: Course, target: Path, keys: Sequence[results.Key]
) -> list[results.Key]:
    """Delete published seeds that were made otherwise than those to be published; return which.

    The seeds of one model are averaged, so all of them have to come from the same code and data.
    """
    dropped = []
    for name in dict.fromkeys(key.name for key in keys):
        new = [key for key in keys if key.name == name]
        made = _made_with(results.read_run(course.folder / "results", new[0]))
        for run in results.load_runs(target, [name], optional=True).get(name, []):
            if run.key not in new and _made_with(run) != made:
                dropped.append(run.key)
    for key in dropped:
        for ending in (".json", ".npz"):
            results.run_file(target, key, ending).unlink()
    return dropped


def _made_with(run: results.Run) -> dict[str, Any]:
    """Return what all seeds of a model have to share."""
    return {what: run.record.get(what) for what in ("code_digest", "data", "recipe", "versions")}


def _publish_pooled(course: Course, target: Path) -> list[results.Key]:
    """Publish the variants that hold everybody out once, their folds put together.

    One run per seed of which every fold is finished; the folds alone are not published.
    """
    from har_utils import evaluation

    whole = _whole(course)
    for keys in whole.values():
        folds = [results.read_run(course.folder / "results", key) for key in keys]
        for run in folds:
            _refuse_old_code(run)
        [pooled] = evaluation.pool(folds)
        results.write_run(target, replace(pooled, timing=None))
    return list(whole)


def _whole(course: Course) -> dict[results.Key, list[results.Key]]:
    """Return the runs of which every fold is finished: what they are together → the folds."""
    by_seed: dict[results.Key, list[results.Key]] = {}
    for key in course.runs:
        if key.variant in recipe.POOLED and key.fold is not None:
            by_seed.setdefault(replace(key, fold=None), []).append(key)
    return {
        together: keys
        for together, keys in by_seed.items()
        if all(_is_finished(course, key) for key in keys)
    }


def _is_finished(course: Course, key: results.Key) -> bool:
    """Return whether a build has a run."""
    return results.run_file(course.folder / "results", key, ".json").exists()


def _refuse_old_code(run: results.Run) -> None:
    """Raise ``PipelineError`` if a run was trained by other code than there is now."""
    from har_utils import training

    code = (training.CODE, training.AUGMENTING_CODE)
    if run.record["code_digest"] not in map(results.code_digest, code):
        raise PipelineError(f"{run.key.stem} was made by other code than this: train it again")


def _merged_times(
    course: Course, keys: Iterable[results.Key], dropped: Iterable[results.Key] = ()
) -> list[dict[str, Any]]:
    """Return the published times with those of some runs replaced by the build's."""
    path, measured = results.published_folder() / "timing.json", {(k.name, k.seed) for k in keys}
    published = files.read_json(path) if path.exists() else []
    gone = measured | {(key.name, key.seed) for key in dropped}
    rows = [row for row in published if (row["name"], row["seed"]) not in gone]
    own = results.gather_timings(course.folder / "results")
    rows += [row for row in own if (row["name"], row["seed"]) in measured]
    return sorted(rows, key=_run_order)


def _run_order(row: dict[str, Any]) -> tuple[str, int, int]:
    """Return what published times are sorted by."""
    return row["name"], -1 if row["fold"] is None else row["fold"], row["seed"]


def _refuse_uncommitted(course: Course) -> None:
    """Raise ``PipelineError`` unless the build is a serious one and the code is committed."""
    if course.profile == "smoke":
        raise PipelineError("profile smoke is never published: its numbers mean nothing")
    if changed := _git("status", "--porcelain", "--", *CODE):
        first = changed.splitlines()[0].split()[-1]
        raise PipelineError(f"commit first: {first} is not what is committed")


def _refuse_unfit(course: Course) -> None:
    """Raise ``PipelineError`` unless the build is a finished one of the committed code."""
    _refuse_uncommitted(course)
    if not snakemake.up_to_date(course):
        command = f"make report PROFILE={course.profile} SEEDS={course.settings['seeds']}"
        raise PipelineError(f"the build is not finished or not of this code: {command}")


def _git(*arguments: str) -> str:
    """Return what git says.

    Raises
    ------
    PipelineError
        If this is not a git repository.
    """
    command = ["git", "-C", str(files.REPOSITORY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise PipelineError(f"git {arguments[0]}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout.strip()


def _gather(course: Course, aside: Path, new_times: bool) -> list[str]:
    """Copy what is published into a folder laid out like the repository; return its parts."""
    for job in course.jobs:
        for path in course.figures(job):
            files.copy(path, aside / "figures" / path.name)
        for key in job.runs:
            place = _place(course, key)
            if place is None:
                continue
            for ending in RUN_FILES:
                source = results.run_file(course.folder / "results", key, ending)
                files.copy(source, results.run_file(aside / place, key, ending))
    for path in sorted((course.folder / "generated").glob("[!.]*")):
        files.copy(path, aside / "report/generated" / path.name)
    tex.make_pdf(course.folder, aside / "report/report.pdf", links.published())
    for path in [*course.others_published, *_further_seeds(course)]:
        files.copy(path, aside / "report/results" / path.relative_to(results.published_folder()))
    for path in filter(Path.exists, map(results.published_folder().joinpath, MEASURED)):
        files.copy(path, aside / "report/results" / path.relative_to(results.published_folder()))
    _publish_pooled(course, aside / "report/results")
    for table in course.tables:
        files.copy(course.table(table), aside / "report/results" / table)
    _gather_times(course, aside / "report/results", new_times)
    files.write_json(aside / LEDGER, ledger(course))
    files.write_json(aside / "report/provenance.json", provenance(course))
    (aside / "report/values").mkdir()
    for path in sorted((course.folder / "values").glob("[!.]*.json")):
        files.copy(path, aside / "report/values" / path.name)
    folders = ["figures", "report/generated", "report/values", "report/results"]
    folders.append("report/validation")
    if _gather_networks(course, aside / "report/models"):
        folders.append("report/models")
    return [*folders, "report/report.pdf", LEDGER, "report/provenance.json"]


def ledger(course: Course) -> list[dict[str, Any]]:
    """Return how often each run's model saw the test people: what was published, and this build.

    A build begins its own record (`results.touches`), and one that is deleted takes it along. So
    the number of a run is the largest that any published build has known, or one: a published run
    has seen them once.
    """
    path = files.REPOSITORY / LEDGER
    known = files.read_json(path) if path.exists() else []
    seen = Counter({(each["run"], each["profile"]): each["at_least"] for each in known})
    own = Counter(results.Key(**touch).stem.as_posix() for touch in results.touches(course.profile))
    for run, times in own.items():
        seen[run, course.profile] = max(seen[run, course.profile], times)
    for run in _published_final_runs():
        if not any(other == run for other, _ in seen):
            seen[run, "unknown"] = 1
    return [
        {"run": run, "profile": profile, "at_least": seen[run, profile]}
        for run, profile in sorted(seen)
    ]


def _published_final_runs() -> list[str]:
    """Return the published runs of the official split, as paths below the results."""
    folder = results.published_folder()
    runs = [path.relative_to(folder).with_suffix("") for path in folder.glob("*/seed-*.npz")]
    return sorted(p.as_posix() for p in runs if p.parts[0].partition("@")[2] not in recipe.POOLED)


def _write_manifest(course: Course) -> None:
    """Write down which files belong to what was just published, and to its pages."""
    home = files.REPOSITORY / "report"
    pages = manifest.digests(course.folder, ("site",))
    manifest.write(home / manifest.NAME, files.REPOSITORY, manifest.PUBLISHED, pages)


def _gather_times(course: Course, folder: Path, new: bool) -> None:
    """Copy the published times; the build's of trainings and answers if those are to be new."""
    published = results.published_folder()
    times, latency = published / "timing.json", published / "latency.json"
    if new or not times.exists():
        rows = _merged_times(course, course.runs)
        files.write_json(folder / times.name, rows)
    else:
        files.copy(times, folder / times.name)
    own = course.folder / "results" / latency.name
    chosen = own if own.exists() and (new or not latency.exists()) else latency
    for kept in (chosen, published / "bench.json"):
        if kept.exists():
            files.copy(kept, folder / kept.name)


def _further_seeds(course: Course) -> list[Path]:
    """Return the files of published runs that go on where those of the build end."""
    own = {key for key in course.runs if key.fold is None}
    published = results.published_folder()
    longer = {path.relative_to(published).parts[0] for path in course.further_published}
    names = sorted(longer & {key.name for key in own})
    runs = results.load_runs(course.profile, names, quiet=True, optional=True)
    further = [run for seeds in runs.values() for run in seeds if run.key not in own]
    return [results.run_file(run.folder, run.key, end) for run in further for end in RUN_FILES]


def _gather_networks(course: Course, folder: Path) -> bool:
    """Copy each network's first seed without its optimiser, the best one also as ``best.keras``.

    The best one is that with the lowest loss on the held-out subjects; the test subjects have no
    say. Published networks that the build does not have stay, and so does what it exported for
    phones.

    Returns
    -------
    bool
        Whether the build holds any weights.
    """
    published = results.networks_folder()
    known = published / "best.json"
    losses: dict[str, float] = files.read_json(known)["loss_held_out"] if known.exists() else {}
    runs, fold, is_any = course.folder / "results", course.settings["validation_fold"], False
    for path in published.glob("*.*"):
        if path.stem != "best":
            files.copy(path, folder / path.name)
    for name in course.networks:
        weights = results.run_file(runs, results.Key(name), ".keras")
        if not weights.exists():
            continue
        is_any = True
        network = models.prepare().models.load_model(weights, compile=False)
        results.write_weights(folder / f"{name}.keras", network)
        if _is_finished(course, held_out := results.Key(name, fold=fold)):
            run = results.read_run(runs, held_out)
            losses[name] = run.record["metrics"]["negative_log_likelihood"]
    for path in (course.folder / "device").glob("*.tflite"):
        files.copy(path, folder / path.name)
    if losses:
        best = min(losses, key=losses.__getitem__)
        files.copy(folder / f"{best}.keras", folder / "best.keras")
        files.write_json(folder / "best.json", {"model": best, "loss_held_out": losses})
        with contextlib.suppress(deployment.ConversionError):  # then Keras answers
            deployment.write_lite(folder / "best.keras")
    return is_any


def _place(course: Course, key: results.Key) -> str | None:
    """Return where a run is published, if it is.

    Runs that chose the epochs are shown in the playground. They go without their weights, so they
    cannot be continued and must lie where nothing reads them in place of a new one.
    """
    if key.fold is None:
        return "report/results"
    chooses = key == results.Key(key.model, fold=course.settings["validation_fold"])
    return "report/validation" if chooses else None


def _count(path: Path) -> str:
    """Return how much there is at a place."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    kilobytes = sum(p.stat().st_size for p in files) / 1000
    return f"{len(files)} file{'s' * (len(files) != 1)}, {kilobytes:.0f} kB"


def provenance(course: Course) -> dict[str, Any]:
    """Return where a build's results came from: code, data, environment, seeds."""
    data = files.read_json(course.folder / "data.json")
    lock = (files.REPOSITORY / "requirements.lock").read_bytes()
    return {
        "profile": course.profile,
        "seeds": course.settings["seeds"],
        "runs": [key.stem.as_posix() for key in course.runs if key.fold is None],
        "commit": _git("rev-parse", "HEAD"),
        "code_digest": code_digest(),
        "data": {"source": data["source"], "digest": data["digest"]},
        "lock_digest": hashlib.sha256(lock).hexdigest(),
        "versions": results.versions() | {"python": platform.python_version()},
    }


def code_digest() -> str:
    """Return the SHA-256 of all committed files that a result depends on, with their names."""
    listing = _git("ls-files", "--stage", "--", *CODE)
    return hashlib.sha256(listing.encode()).hexdigest()


# --- Tables for people --------------------------------------------------------------------------


def results_table(course: Course) -> pd.DataFrame:
    """Return the results of a course as people read them, one row per model, in per cent.

    Published runs of models that the course does not make have a row, too.
    """
    from har_utils import evaluation

    order = [*models.TITLES]
    made = {key.name for key in course.runs if key.fold is None}
    shown = {*models.TITLES, models.UNMIRRORED}
    names = sorted(made | (set(results.available(course.profile)) & shown))
    names.sort(key=lambda name: (order.index(name.split("@")[0]), name != models.UNMIRRORED))
    runs = results.load_runs(course.profile, names, quiet=True)
    summary = evaluation.summary_table(runs)
    rows = {
        models.title(name): {
            "seeds": str(len(runs[name])),
            "accuracy (%)": spread(row.accuracy_mean, row.accuracy_sd),
            "95 % interval": words.span(row.accuracy_low, row.accuracy_high),
            "macro F1 (%)": spread(row.macro_f1_mean, row.macro_f1_sd),
            "parameters": words.grouped(row.n_parameters),
        }
        for name, row in summary.iterrows()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def spread(mean: float, sd: float) -> str:
    """Return mean and standard deviation in per cent, a dash where there is only one seed."""
    return f"{_in_percent(mean)} ± {_in_percent(sd)}"


def _in_percent(fraction: float | None, digits: int = 1) -> str:
    """Return a fraction under a heading that says per cent: ``0.924`` → ``92.4``, else a dash."""
    return words.decimal(None if fraction is None else 100 * fraction, digits)


def times_table(course: Course) -> pd.DataFrame:
    """Return how long each job of a course took when it was last executed, longest first.

    ``memory (MB)`` is the most that its two processes had, NaN for jobs of before it was noted.
    """
    took = {}
    for job in course.jobs:
        path = course.folder / "times" / f"{job.name}.json"
        if path.exists():
            took[job.name] = files.read_json(path)
    seconds = {name: each["seconds"] for name, each in took.items()}
    memory = {name: each.get("memory_mb") for name, each in took.items()}
    columns = {"minutes": pd.Series(seconds, dtype=float) / 60}
    table = pd.DataFrame(columns | {"memory (MB)": pd.Series(memory, dtype=float)})
    return table.rename_axis("notebook or run").sort_values("minutes", ascending=False)


def everybody_table() -> pd.DataFrame:
    """Return what published models reach over everybody left out in turn, in per cent."""
    from har_utils import candidates, dataset, evaluation

    everybody = evaluation.left_out(results.PUBLISHED)
    summary = evaluation.summary_table(everybody) if everybody else pd.DataFrame()
    official = results.load_runs(results.PUBLISHED, list(everybody), quiet=True)
    rows = {}
    for name in (name for name in (*models.TITLES, models.UNMIRRORED) if name in everybody):
        row, own = summary.loc[name], everybody[name]
        of_test = np.isin(own[0].subject, dataset.TEST_SUBJECTS)
        right = np.mean([run.probability.argmax(axis=1) == run.activity for run in own], axis=0)
        split = np.mean([run.record["metrics"]["accuracy"] for run in official[name]])
        folds = candidates.accuracy_on_folds(results.PUBLISHED) if name == "modern" else None
        rows[models.title(name)] = {
            "seeds": str(len(own)),
            "30 people, each left out (%)": _in_percent(row.accuracy_mean),
            "95 % interval": words.span(row.accuracy_low, row.accuracy_high),
            "of these, the 9 test people (%)": _in_percent(right[of_test].mean()),
            "the other 21 (%)": _in_percent(right[~of_test].mean()),
            "folds of the 21 (%)": _in_percent(folds),
            "official split (%)": _in_percent(split),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def everybody_decides() -> str:
    """Say of which listed pairs everybody left out in turn decides, and how."""
    from har_utils import claims, configuration, evaluation

    listed = configuration.read(files.REPOSITORY / "config" / "pairs.yaml")
    compared = evaluation.compare(evaluation.left_out(results.PUBLISHED), listed, len(listed))
    said = f"{claims.left_out_pairs(compared)} All p are corrected for the whole list (Holm 1979)."
    return f"{said} {_aim(compared)}".strip()


AIM = 0.983
"""Accuracy on the official split that was aimed at without anything that came from test people."""


def _aim(compared: pd.DataFrame) -> str:
    """Say what became of the aims for the network without mirroring; nothing without its runs."""
    rival = "multirocket_hydra"
    pair = compared[(compared["a"] == models.UNMIRRORED) & (compared["b"] == rival)]
    official = results.load_runs(results.PUBLISHED, [models.UNMIRRORED], quiet=True)
    if pair.empty or models.UNMIRRORED not in official:
        return ""
    runs, row = official[models.UNMIRRORED], pair.iloc[0]
    return say(
        "aim",
        model=models.UNMIRRORED,
        **{"rival": rival, "aim": AIM, "lead": row["difference"], "p": row["p_holm"]},
        accuracy=sum(run.record["metrics"]["accuracy"] for run in runs) / len(runs),
        is_ahead=row["verdict"] == "a",
    )


def people_table() -> pd.DataFrame:
    """Return how people of other data sets are recognised, one row per set, in per cent."""
    from har_utils.others import final, protocol, trials

    aims = protocol.config()["aims"]
    found, before = final.summary(), [final.summary(name) for name in final.scored()[:-1]]
    asked = pd.read_csv(final.folder() / "published_networks.csv")
    modern = asked[asked["network"] == "modern"].set_index(["data_set", "turned"])["macro_f1"]
    rows = {
        f"{trials.SETS[name].title}, {trials.SETS[name].placement}": {
            "people": str(found[name]["people"]),
            "seeds": str(len(found[name]["seeds"])),
            "modern CNN, macro F1 (%)": _in_percent(modern[name, False]),
            "windows turned (%)": _in_percent(modern[name, True]),
            **{
                f"any placement, attempt {i} (%)": _in_percent(each[name]["macro_f1"]["mean"])
                for i, each in enumerate(before, start=1)
            },
            "any placement, window by window (%)": _in_percent(
                found[name]["window_by_window"]["macro_f1"]
            ),
            "any placement, macro F1 (%)": _in_percent(found[name]["macro_f1"]["mean"]),
            "95 % interval": words.span(*(found[name]["macro_f1"][end] for end in ("low", "high"))),
            "aim (%)": _in_percent(aims[name], 0),
            "worst person (%)": _in_percent(found[name]["worst_person"]),
        }
        for name in trials.SETS
        if name in found
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("people of")


def _with_tables(readme: Path, table: pd.DataFrame) -> str:
    """Return the text of README.md with its tables, each between its two markers."""
    text = readme.read_text(encoding="utf-8")
    if not all(marker in text for marker in MARKERS):
        raise PipelineError(f"{readme.name} has no place for the results: {' and '.join(MARKERS)}")
    text = put_between(text, MARKERS, table)
    if all(marker in text for marker in BOTH_MARKERS):
        text = put_between(text, BOTH_MARKERS, None, here_and_elsewhere(table, people_table()))
    if all(marker in text for marker in EVERYBODY_MARKERS):
        text = put_between(text, EVERYBODY_MARKERS, everybody_table(), everybody_decides())
    if all(marker in text for marker in PEOPLE_MARKERS):
        text = put_between(text, PEOPLE_MARKERS, people_table())
    return text


def here_and_elsewhere(table: pd.DataFrame, people: pd.DataFrame) -> str:
    """Say how well networks do on people like those they learned from, and on others.

    Parameters
    ----------
    table, people
        As `results_table` and `people_table` return them.
    """
    elsewhere, anywhere = (
        people[f"{which}, macro F1 (%)"].astype(float).agg(["min", "max"])
        for which in ("modern CNN", "any placement")
    )
    unmirrored, mirrored = (
        table.loc[models.title(name), "accuracy (%)"].split()[0]
        for name in (models.UNMIRRORED, "modern")
    )
    return say(
        "here_and_elsewhere",
        **{"unmirrored": unmirrored, "mirrored": mirrored},
        **{"elsewhere": list(elsewhere), "anywhere": list(anywhere), "n_sets": len(people)},
    )


def put_between(
    text: str, markers: tuple[str, str], table: pd.DataFrame | None, said: str = ""
) -> str:
    """Return a text with a paragraph and a table, or one of them, between two lines of it."""
    begin, end = (text.index(marker) for marker in markers)
    parts = [textwrap.fill(said, 110)] if said else []
    if table is not None:
        how = {"index": False, "disable_numparse": True, "tablefmt": "pipe"}
        parts.append(table.reset_index().to_markdown(**how))
    between = "\n\n".join(parts)
    return f"{text[:begin]}{markers[0]}\n{between}\n{text[end:]}"
