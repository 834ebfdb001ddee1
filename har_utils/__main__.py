"""The command line: ``python -m har_utils <command>``; ``--help`` lists the commands."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from har_utils.imports import without_address_grammar

if TYPE_CHECKING:
    from har_utils.build import plan, unchanged


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks.

    Returns
    -------
    int
        Exit status: 0, or 1 after a line that says what went wrong (a failed build has one for
        each job that failed).
    """
    without_address_grammar()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except KeyboardInterrupt:
        kept = "" if options.command is classify else "; finished jobs are kept"
        print(f"har_utils: stopped{kept}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        print(f"har_utils: {_message(error)}", file=sys.stderr)
        return 1


def _message(error: Exception) -> str:
    """Return an error's message; the system's own errors say what they are about."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


# --- For people ---------------------------------------------------------------------------------


def build(options: argparse.Namespace) -> None:
    """Make the pages and the report of a profile."""
    from har_utils.build import unchanged

    finished = unchanged.Finished(options.profile, options.seeds)
    said = finished.said()
    if said is None:
        said = _make(options, finished)
    else:
        print("All is up to date.")
    print(said)


def _make(options: argparse.Namespace, finished: unchanged.Finished) -> str:
    """Let Snakemake make what is not up to date; return what is said of it at the end."""
    from har_utils.build import plan, publication, snakemake
    from har_utils.report import tex

    course = _course(options)
    if "MAKELEVEL" in os.environ:
        plan.stop_with_parent()
    tex.ensure()
    finished.begin()
    snakemake.build(course, options.cores)
    said = publication.results_table(course).to_string()
    said += f"\nThe report: {course.pdf}\nThe pages: {course.site / 'index.html'}"
    finished.end(said)
    return said


def publish(options: argparse.Namespace) -> None:
    """Copy a finished build into the repository, or the runs that are finished so far."""
    from har_utils.build import publication

    course = _course(options)
    if options.runs:
        print("\n".join(publication.publish_runs(course)))
    else:
        print("\n".join(publication.publish(course, options.times)))


def summary(options: argparse.Namespace) -> None:
    """Print the table of results."""
    from har_utils.build import publication

    print(publication.results_table(_course(options)).to_string())


def times(options: argparse.Namespace) -> None:
    """Print how long each job took."""
    from har_utils.build import publication

    table = publication.times_table(_course(options))
    print(table.to_string(float_format="{:.1f}".format))
    print(f"in all {table['minutes'].sum():.1f} minutes of one core")


def costs(options: argparse.Namespace) -> None:
    """Write into docs/cluster.md what much of it would cost, and print that."""
    from har_utils.build import costs

    print(costs.write())


def site(options: argparse.Namespace) -> None:
    """Make the pages for a browser of a finished build."""
    from har_utils.build import site as pages
    from har_utils.course import handout

    if options.students:
        handout.refuse_solved()
    print(f"The pages: {pages.make(_course(options), solutions=not options.students)}")
    manifest(options)


def serve(options: argparse.Namespace) -> None:
    """Serve the pages of a finished build over https, for a phone on the same network."""
    from har_utils.build import serve as server

    server.serve(_course(options).site, options.host, options.port)


def browser_costs(options: argparse.Namespace) -> None:
    """Score networks, and the live page, on what a phone's browser would have given."""
    from har_utils import deployment, files, in_browser, results
    from har_utils.build import live
    from har_utils.others import trials

    models = {path.stem: deployment.load_model(path) for path in options.networks}
    people = {"hapt": in_browser.test_people()} | {
        name: in_browser.other_people(name)
        for name in in_browser.PAGE_SETS
        if name in trials.available()
    }
    network = deployment.load_published(live.NETWORK)
    tables = {
        in_browser.TABLE: (in_browser.costs(models), ["network", "condition"]),
        in_browser.PAGE_TABLE: (
            in_browser.page_costs(network, live.placing(), people),
            ["data_set", "condition"],
        ),
    }
    for name, (table, keys) in tables.items():
        file = (options.output or results.published_folder()) / name
        files.write_table(file, table, "%.5f")
        means = table.groupby(keys, sort=False)[["accuracy", "macro_f1"]].mean()
        print(means.to_string(float_format="{:.4f}".format))


def data(options: argparse.Namespace) -> None:
    """Build the data set, or find it in the cache, and say what it is."""
    from har_utils import dataset, files

    loaded = dataset.load()
    n_train = len(loaded.train)
    print(f"{len(loaded)} windows ({n_train} to train, {len(loaded) - n_train} to test), ", end="")
    print(f"{loaded.source} recordings, digest {loaded.digest[:12]}")
    if options.marker:
        what = {"source": loaded.source, "digest": loaded.digest, "windows": len(loaded)}
        files.write_json(options.marker, what)


def verify(options: argparse.Namespace) -> int:
    """Compare the data set with a copy of the published one, file by file."""
    from har_utils import dataset

    table = dataset.verify(options.archive)
    print(table.to_string(index=False, na_rep="", float_format="{:.1e}".format))
    n_missing = int(table["agrees"].isna().sum())
    if n_missing:
        print(f"har_utils: {n_missing} of {len(table)} files are missing", file=sys.stderr)
    return 0 if table["agrees"].fillna(False).all() else 1


def verify_report(options: argparse.Namespace) -> int:
    """Prove that PDF, tables, figures, pages and runs belong together; evaluate every claim."""
    from har_utils.build import plan
    from har_utils.report import verification

    plan.course(options.profile)  # there is such a profile
    published, build = verification.published(), verification.built(options.profile)
    states = [state for state in (build, published) if state.is_there]
    n_problems = sum(_say_problems(state) for state in states)
    if not states:
        raise ValueError("no report here, neither built nor published: make report")
    if options.profile == "smoke" or not published.is_there:
        print("claims are not compared: nothing is published that this could agree with")
        return 1 if n_problems else 0
    found = verification.verdict(states[0], published)
    print(found)
    apart = verification.processors(build) if build.is_there else None
    if apart is not None and len(apart):
        print("\nHow far this build's runs lie from the published ones:")
        print(apart.to_string(float_format="{:.3g}".format))
    return 1 if n_problems or found.claims else 0


def _say_problems(state: Any) -> int:
    """Print what does not belong together in a build or what was published; return how much."""
    from har_utils import files
    from har_utils.report import verification

    said = verification.problems(state)
    whole = "PDF, tables, figures and runs belong together"
    print(f"{files.shown(state.home)}: {whole if not said else 'does not belong together'}")
    shown = said[:MOST] + [f"and {len(said) - MOST} more"] * (len(said) > MOST)
    print("".join(f"  {line}\n" for line in shown), end="")
    return len(said)


def export(options: argparse.Namespace) -> None:
    """Write the data set in the layout of the published one."""
    from har_utils import dataset

    print(f"written: {dataset.export(options.folder)}")


def others(options: argparse.Namespace) -> None:
    """Train for people of other data sets and score everybody left out; resumes what is done."""
    from har_utils import deployment, files
    from har_utils.deployment import small_file
    from har_utils.others import anywhere, protocol, running

    if options.only == "errors":
        print(running.compare_errors(protocol.load()).to_string(index=False))
        return
    if options.only == "third":
        print(running.compare_third(protocol.load()).to_string(index=False))
        return
    if options.only == "small":
        for line in small_file.run(options.seeds):
            print(line, flush=True)
        return
    running.run(options.seeds, options.candidates, options.chosen)
    if anywhere.MODEL.exists() and "lite_of" not in files.read_json(anywhere.RULE):  # a new one
        print(f"written: {files.shown(deployment.write_lite(anywhere.MODEL))}")


def convert(options: argparse.Namespace) -> None:
    """Write a network as a LiteRT file beside it, which starts without Keras."""
    from har_utils import deployment, files

    print(f"written: {files.shown(deployment.write_lite(options.network.resolve()))}")


def tune(options: argparse.Namespace) -> None:
    """Search for better settings of a network; several of these at once share the work."""
    from har_utils import dataset, tuning, words
    from har_utils.build import plan

    if options.profile != "lab":
        plan.course(options.profile)  # there is such a profile
    tuning.source_settings(options.model)  # a wrong name is said before the data is loaded
    data = dataset.load(options.subjects)
    tuning.search(options.model, data, options.trials, options.profile, options.max_epochs)
    best = tuning.best(options.model, options.profile).trial
    accuracy = words.percent(best["accuracy"])
    print(f"best: trial {best['trial']}, loss {best['loss']:.3f}, accuracy {accuracy}")


def classify(options: argparse.Namespace) -> int:
    """Name what somebody did while their phone recorded, and say where the phone seems to sit."""
    from har_utils import deployment, files, phone
    from har_utils.others import anywhere

    for target in filter(None, (options.json, options.picture)):
        _assert_may_write(target, options.recording)
    if options.json and options.picture and options.json.resolve() == options.picture.resolve():
        raise ValueError(f"{options.json}: answers and picture in one file; name two files")
    file = options.model or anywhere.MODEL
    published = [anywhere.MODEL.with_suffix(end).resolve() for end in (".keras", ".tflite")]
    is_given = not file.is_file() or file.resolve() not in published
    found = list(phone.recordings_in(options.recording).items())
    if len(found) > 1 and options.picture:
        raise ValueError(f"{options.recording}: {len(found)} recordings, and one picture; name one")
    model, timelines, refused = None, {}, {}
    for name, read in found:
        try:
            recording = read()
            if is_given and model is None:
                model = deployment.load_model(file)
            timelines[name] = deployment.classify(recording, model)
        except ValueError as error:
            if len(found) == 1:
                raise
            print(f"har_utils: {error}", file=sys.stderr)
            refused[name] = str(error)
            continue
        print(*([f"\n{name}:"] if len(found) > 1 else []), timelines[name].as_text(), sep="\n")
    if timelines:
        print(f"answered by: {files.shown(file)}")
    _write_timelines(options, timelines, refused)
    return 1 if refused else 0


def _assert_may_write(target: Path, recording: Path) -> None:
    """Refuse to write answers over a folder, the recording itself or one of a folder."""
    from har_utils.phone import tables

    if target.is_dir():
        raise ValueError(f"{target}: a folder; name a file to write to")
    if not target.is_file() or not recording.exists():
        return
    is_inside = recording.resolve() in target.resolve().parents and tables.may_hold_one(target)
    if target.samefile(recording) or is_inside:
        raise ValueError(f"{target}: a recording, which would be lost; write to another file")


def _write_timelines(options: argparse.Namespace, timelines: dict, refused: dict) -> None:
    """Write what a network says as JSON and as a picture, if that is asked for."""
    from har_utils import files

    if options.json:
        written: dict[str, dict] = {
            name: {"starts_at": timeline.recording.starts_at, **timeline.as_dict()}
            for name, timeline in timelines.items()
        }
        written |= {name: {"error": problem} for name, problem in refused.items()}
        alone = len(written) == 1
        files.write_json(options.json, next(iter(written.values())) if alone else written)
        print(f"written: {options.json}")
    if options.picture:
        from har_utils import plots

        [timeline] = timelines.values()
        plots.use_style()
        picture = plots.timeline(timeline.recording.acceleration, timeline.as_sampled())
        plots.write_picture(picture, options.picture)
        print(f"written: {options.picture}")


def find_tex(options: argparse.Namespace) -> None:
    """Find a TeX that can set the report; install one where that is possible."""
    from har_utils.report import tex

    print(f"TeX: {tex.ensure()}")


def start_page(options: argparse.Namespace) -> None:
    """Write the page that JupyterLab opens first."""
    from har_utils.course import start_page

    start_page.write_start_page()


def time_lessons(options: argparse.Namespace) -> None:
    """Measure how long lessons take, with their own parameters, and write it into them."""
    from har_utils.course import start_page

    names = options.lessons or start_page.lesson_names()
    for name, minutes in start_page.measure(names).items():
        print(f"{name}: {minutes:.1f} minutes of one core")


def run_notebook(options: argparse.Namespace) -> None:
    """Execute one notebook."""
    from har_utils.build import notebooks

    notebooks.run(options.notebook.resolve(), options.output, dict(options.parameters))


def write_exercises(options: argparse.Namespace) -> int:
    """Write the exercises, their lists in the lessons and their index from the solutions."""
    from har_utils import files
    from har_utils.course import exercises

    if options.check:
        found = exercises.problems()
        print("\n".join(found) or "the exercises are in step with the solutions")
        return 1 if found else 0
    changed = [files.shown(path) for path in exercises.write()]
    print("\n".join(f"written: {path}" for path in changed) or "nothing has changed")
    return 0


def pack_handout(options: argparse.Namespace) -> None:
    """Pack the last commit without solutions into a zip for a class."""
    from har_utils import files
    from har_utils.course import handout

    made = handout.pack(options.output, handout.pages())
    print("\n".join([*made.remarks, f"written: {files.shown(made.path)}"]))


def write_class(options: argparse.Namespace) -> None:
    """Write the exercises for a class and, with hidden questions, for nbgrader."""
    from har_utils import files
    from har_utils.teaching import assignments

    packed, course = assignments.write(options.folder)
    print("\n".join(packed.remarks))
    print(f"for students: {files.shown(packed.path)}\nfor nbgrader: {files.shown(course)}")


def write_notes(options: argparse.Namespace) -> None:
    """Write the teacher's notes to the lessons, with times, guesses and answers."""
    from har_utils import files, results
    from har_utils.teaching import notes

    output = options.output or results.build_folder("class") / "notes.md"
    print(f"written: {files.shown(notes.write(output))}")


def write_slides(options: argparse.Namespace) -> None:
    """Write slides for each lesson from the published figures."""
    from har_utils import files, results
    from har_utils.teaching import slides

    folder = options.folder or results.build_folder("class") / "slides"
    print(f"written: {len(slides.write(folder))} pages in {files.shown(folder)}")


def write_leaderboard(options: argparse.Namespace) -> None:
    """Write the leaderboard on the validation people, from answers that were handed in."""
    from har_utils import files, results
    from har_utils.teaching import leaderboard

    output = options.output or results.build_folder("class") / "leaderboard.csv"
    written = leaderboard.write(options.folder, output)
    print("\n".join(f"written: {files.shown(path)}" for path in written))


def grade(options: argparse.Namespace) -> None:
    """Grade a folder of submissions into one table; goes on where it was stopped."""
    from har_utils import files
    from har_utils.teaching import confinement, grading

    if not confinement.refuses_connections():
        print("This kernel cannot keep submissions from the network: Linux 6.7 or newer can.")
    output = options.output or grading.default_output(options.folder)
    limits = grading.Limits(options.seconds, options.memory)
    table = grading.grade(options.folder, output, limits, options.jobs)
    print(table["status"].value_counts().to_string(header=False))
    print(f"written: {files.shown(output)}")


def clean_notebooks(options: argparse.Namespace) -> None:
    """Take outputs, counts and metadata out of the notebooks."""
    from har_utils.build import notebooks

    for path in _notebooks(options):
        if notebooks.clean(path):
            print(f"cleaned {path.name}")


def check_notebooks(options: argparse.Namespace) -> int:
    """Check that notebooks are as they are committed, and the executed pages free of noise."""
    from har_utils import files
    from har_utils.build import notebooks, plan
    from har_utils.course import exercises

    found = [problem for path in _notebooks(options) for problem in notebooks.problems(path)]
    if not options.notebooks:
        found += exercises.problems()
    if options.executed:
        folder = plan.course(options.executed).folder / "notebooks"
        private = (str(files.REPOSITORY), str(Path.home()))
        pages = sorted(folder.rglob("*.ipynb"))
        if not pages:
            raise FileNotFoundError(f"{files.shown(folder)}: no executed notebook is there")
        for path in pages:
            found += notebooks.executed_problems(path, private)
    print("\n".join(found) or f"{len(_notebooks(options))} notebooks are clean")
    return 1 if found else 0


# --- For the Snakefile --------------------------------------------------------------------------


def job(options: argparse.Namespace) -> None:
    """Execute one job of a profile."""
    from har_utils.build import plan

    plan.run_job(_course(options), options.name)


def numbers(options: argparse.Namespace) -> None:
    """Write the report's numbers and tables."""
    from har_utils import report

    for path in report.write_generated(_course(options).profile, options.folder):
        print(path)


def archive_files(options: argparse.Namespace) -> None:
    """Write what archives read: ro-crate-metadata.json and codecheck.yml."""
    from har_utils import files
    from har_utils.build import archive

    for path in archive.write():
        print(f"written: {files.shown(path)}")


def manifest(options: argparse.Namespace) -> None:
    """Write down which files belong to a build, with their digests."""
    from har_utils.report import manifest as made_of

    course = _course(options)
    print(made_of.write(course.manifest, course.folder, made_of.BUILT))


def pdf(options: argparse.Namespace) -> None:
    """Set the report."""
    from har_utils.build import plan
    from har_utils.report import tex

    tex.make_pdf(plan.course(options.profile).folder, options.output)


# --- Options ------------------------------------------------------------------------------------


def _course(options: argparse.Namespace) -> plan.Course:
    """Return the course of the profile that was asked for."""
    from har_utils.build import plan

    return plan.course(options.profile, options.seeds)


def _notebooks(options: argparse.Namespace) -> list[Path]:
    """Return the notebooks that were named, or all."""
    from har_utils import files

    return options.notebooks or sorted((files.REPOSITORY / "notebooks").glob("**/[!.]*.ipynb"))


def _parameter(text: str) -> tuple[str, object]:
    """Return name and value of ``name=value``; the value is read as JSON, else it is text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not name=value")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _path(text: str) -> Path:
    """Read a path; an empty one is a shell's variable that is not set, not the folder here."""
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty path; is a variable not set?")
    return Path(text)


def _count(text: str) -> int:
    """Read how many: 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _amount(text: str) -> float:
    """Read how much: a number above 0."""
    with contextlib.suppress(ValueError):
        if 0 < float(text) < math.inf:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")


def _port(text: str) -> int:
    """Read the number of a port; 0 is any that is free."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 0 to 65535")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m har_utils", description=__doc__)
    add = partial(_add, parser.add_subparsers(required=True, metavar="command"))
    cores = _option("--cores", type=int, default=os.cpu_count(), help="jobs at once")
    some = _option("notebooks", nargs="*", type=_path, help="default: all")
    parameters = _option("parameters", nargs="*", type=_parameter, help="name=value")
    output, notebook = _option("output", type=_path), _option("notebook", type=_path)

    add("build", build, *PROFILE, cores)
    times_too = _option("--times", action="store_true", help="new times, too")
    runs = _option("--runs", action="store_true", help="only the runs that are finished so far")
    add("publish", publish, *PROFILE, times_too, runs)
    add("summary", summary, *PROFILE)
    add("times", times, *PROFILE)
    add("costs", costs)
    students = _option("--students", action="store_true", help="without solutions, for a class")
    add("site", site, *PROFILE, students)
    add("serve", serve, *PROFILE, *ADDRESS)
    place = _option("--output", type=_path, help="a folder; default: report/results")
    add("browser-costs", browser_costs, place, _option("networks", nargs="+", type=_path))
    add("data", data, _option("--marker", type=_path, help="also write what it is to this file"))
    add("verify", verify, _option("archive", type=_path))
    built = _option("profile", nargs="?", default="report", help="whose build; default: report")
    add("verify-report", verify_report, built)
    add("export", export, _option("folder", type=_path))
    add("tune", tune, *TUNE)
    add("others", others, *OTHERS)
    add("convert", convert, _option("network", type=_path, help="a .keras file"))
    add("classify", classify, *CLASSIFY)
    add("tex", find_tex)
    add("start-page", start_page)
    add("time-lessons", time_lessons, _option("lessons", nargs="*", help="default: all"))
    add("run-notebook", run_notebook, notebook, output, parameters)
    check = _option("--check", action="store_true", help="write nothing, say what would change")
    add("exercises", write_exercises, check)
    place = _option("output", nargs="?", type=_path, help="default: build/handout.zip")
    add("handout", pack_handout, place)
    add("class", write_class, _option("folder", nargs="?", type=_path, help="default: build/class"))
    add("grade", grade, *GRADE)
    add("notes", write_notes, _option("output", nargs="?", type=_path))
    add("slides", write_slides, _option("folder", nargs="?", type=_path))
    answers = _option("folder", type=_path, help="with files answers.csv")
    add("leaderboard", write_leaderboard, answers, _option("--output", type=_path, metavar="FILE"))
    add("clean-notebooks", clean_notebooks, some)
    executed = _option("--executed", metavar="PROFILE", help="check a build's pages too")
    add("check-notebooks", check_notebooks, some, executed)
    add("job", job, *PROFILE, _option("name"))
    add("numbers", numbers, *PROFILE, _option("folder", type=_path))
    add("archive-files", archive_files)
    add("manifest", manifest, *PROFILE)
    add("pdf", pdf, *PROFILE, output)
    return parser


def _option(*names: str, **details: object) -> tuple[tuple[str, ...], dict[str, object]]:
    """Return an argument of a command, to be given to `_add`."""
    return names, details


PROFILE = (
    _option("profile", help="smoke, report or full"),
    _option("--seeds", type=int, metavar="N", help="instead of the profile's own number"),
)

MOST = 20
"""How many things that do not belong together are listed; one changed run changes many numbers."""

ADDRESS = (
    _option("--host", default="127.0.0.1", help="0.0.0.0 for the whole network"),
    _option("--port", type=_port, default=8443),
)

TUNE = (
    _option("model", help="single_lstm, multi_lstm, cnn_1d or cnn_lstm"),
    _option(
        "--trials", type=int, required=True, metavar="N", help="how many there shall be in all"
    ),
    _option("--max-epochs", type=int, default=20, metavar="N", help="of one trial"),
    _option("--profile", default="lab", help="whose build it goes to"),
    _option("--subjects", default="all", help="all or smoke"),
)


OTHERS = (
    _option("--seeds", type=int, nargs="+", metavar="N", help="default: those of the rule"),
    _option("--candidates", nargs="+", metavar="NAME", help="default: all of the list"),
    _option("--chosen", action="store_true", help="compare nothing, choose by published scores"),
    _option(
        "--only",
        choices=("errors", "third", "small"),
        help="what errors of the sensors do in training; a third attempt's inner scores; the file "
        "for small devices",
    ),
)


CLASSIFY = (
    _option("recording", type=_path, help="what an app exported, or a folder of many"),
    _option(
        "--model",
        type=_path,
        metavar="FILE",
        help=".keras or .tflite of a network that knows phones as its people wore them, or "
        "report/models/anywhere_small.tflite; default: the published one for hip, belt, chest and "
        "trouser pocket, turned any way",
    ),
    _option("--json", type=_path, metavar="FILE", help="also write all answers to this file"),
    _option("--picture", type=_path, metavar="FILE", help="also draw them: .png, .pdf or .svg"),
)


GRADE = (
    _option("folder", type=_path, help="what was handed in"),
    _option("--output", type=_path, metavar="FILE", help="default: build/grades/<folder>.csv"),
    _option("--jobs", type=_count, default=1, metavar="N", help="submissions at a time"),
    _option("--seconds", type=_count, default=120, metavar="N", help="processor time of each"),
    _option("--memory", type=_amount, default=4, metavar="GB", help="memory of each"),
)


def _add(commands: Any, name: str, function: Callable, *options: tuple) -> None:
    """Add a command; its help is the first line of the function that does it."""
    command = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
    command.set_defaults(command=function)
    for names, details in options:
        command.add_argument(*names, **details)


if __name__ == "__main__":
    sys.exit(main())
