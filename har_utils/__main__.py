"""The command line: ``python -m har_utils <command>``; ``--help`` lists the commands."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from har_utils import notebooks, pipeline, results

NOTEBOOKS = results.REPOSITORY / "notebooks"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks.

    Returns
    -------
    int
        Exit status: 0, or 1 after one line on stderr that says what went wrong.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except KeyboardInterrupt:
        print("har_utils: stopped; finished jobs are kept", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, RuntimeError) as error:
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
    from har_utils import builder, tex

    course = _course(options)
    if "MAKELEVEL" in os.environ:
        pipeline.stop_with_parent()
    tex.ensure()
    builder.build(course, options.cores)
    summary(options)
    print(f"The report: {course.pdf}")
    print(f"The pages: {course.site / 'index.html'}")


def publish(options: argparse.Namespace) -> None:
    """Copy a finished build into the repository, or the runs that are finished so far."""
    from har_utils import publication

    course = _course(options)
    if options.runs:
        print("\n".join(publication.publish_runs(course)))
    else:
        print("\n".join(publication.publish(course, options.times)))


def summary(options: argparse.Namespace) -> None:
    """Print the table of results."""
    from har_utils import publication

    print(publication.results_table(_course(options)).to_string())


def times(options: argparse.Namespace) -> None:
    """Print how long each job took."""
    from har_utils import publication

    table = publication.times_table(_course(options))
    print(table.to_string(float_format="{:.1f}".format))
    print(f"in all {table['minutes'].sum():.1f} minutes of one core")


def site(options: argparse.Namespace) -> None:
    """Make the pages for a browser of a finished build."""
    from har_utils import site as pages

    print(f"The pages: {pages.make(_course(options))}")


def data(options: argparse.Namespace) -> None:
    """Build the data set, or find it in the cache, and say what it is."""
    from har_utils import dataset

    loaded = dataset.load()
    n_train = len(loaded.train)
    print(f"{len(loaded)} windows ({n_train} to train, {len(loaded) - n_train} to test), ", end="")
    print(f"{loaded.source} recordings, digest {loaded.digest[:12]}")
    if options.marker:
        what = {"source": loaded.source, "digest": loaded.digest, "windows": len(loaded)}
        results.write_json(options.marker, what)


def verify(options: argparse.Namespace) -> int:
    """Compare the data set with a copy of the published one, file by file."""
    from har_utils import dataset

    table = dataset.verify(options.archive)
    print(table.to_string(index=False, na_rep="", float_format="{:.1e}".format))
    n_missing = int(table["agrees"].isna().sum())
    if n_missing:
        print(f"har_utils: {n_missing} of {len(table)} files are missing", file=sys.stderr)
    return 0 if table["agrees"].fillna(False).all() else 1


def export(options: argparse.Namespace) -> None:
    """Write the data set in the layout of the published one."""
    from har_utils import dataset

    print(f"written: {dataset.export(options.folder)}")


def tune(options: argparse.Namespace) -> None:
    """Search for better settings of a network; several of these at once share the work."""
    from har_utils import dataset, tuning

    tuning.source_settings(options.model)  # a wrong name is said before the data is loaded
    data = dataset.load(options.subjects)
    tuning.search(options.model, data, options.trials, options.profile, options.max_epochs)
    best = tuning.best(options.model, options.profile).trial
    print(f"best: trial {best['trial']}, loss {best['loss']:.3f}, accuracy {best['accuracy']:.1%}")


def classify(options: argparse.Namespace) -> int:
    """Name what somebody did while their phone recorded; a folder may hold many recordings."""
    from har_utils import deployment, phone

    file = options.model or deployment.BEST_MODEL
    found = list(phone.recordings_in(options.recording).items())
    if len(found) > 1 and options.picture:
        raise ValueError(f"{options.recording}: {len(found)} recordings, and one picture; name one")
    model, timelines, failed = None, {}, 0
    for name, read in found:
        try:
            recording = read()
            model = model or deployment.load_model(file)
            timelines[name] = deployment.classify(recording, model)
        except ValueError as error:
            if len(found) == 1:
                raise
            print(f"har_utils: {error}", file=sys.stderr)
            failed += 1
            continue
        print(*([f"\n{name}:"] if len(found) > 1 else []), timelines[name].as_text(), sep="\n")
    if timelines:
        print(f"answered by: {results.shown(file)}")
    _write_timelines(options, timelines, alone=len(found) == 1)
    return 1 if failed else 0


def _write_timelines(options: argparse.Namespace, timelines: dict, alone: bool) -> None:
    """Write what a network says as JSON and as a picture, if that is asked for."""
    from har_utils import plots

    if options.json:
        written = {name: timeline.as_dict() for name, timeline in timelines.items()}
        results.write_json(options.json, next(iter(written.values())) if alone else written)
        print(f"written: {options.json}")
    if options.picture:
        [timeline] = timelines.values()
        plots.use_style()
        picture = plots.timeline(timeline.recording.acceleration, timeline.as_sampled())
        plots.write_picture(picture, options.picture)
        print(f"written: {options.picture}")


def find_tex(options: argparse.Namespace) -> None:
    """Find a TeX that can set the report; install one where that is possible."""
    from har_utils import tex

    print(f"TeX: {tex.ensure()}")


def start_page(options: argparse.Namespace) -> None:
    """Write the page that JupyterLab opens first."""
    from har_utils import syllabus

    syllabus.write_start_page()


def time_lessons(options: argparse.Namespace) -> None:
    """Measure how long lessons take, with their own parameters, and write it into them."""
    from har_utils import syllabus

    names = options.lessons or syllabus.lesson_names()
    for name, minutes in syllabus.measure(names).items():
        print(f"{name}: {minutes:.1f} minutes of one core")


def run_notebook(options: argparse.Namespace) -> None:
    """Execute one notebook."""
    notebooks.run(options.notebook.resolve(), options.output, dict(options.parameters))


def write_exercises(options: argparse.Namespace) -> int:
    """Write the exercises, their lists in the lessons and their index from the solutions."""
    from har_utils import exercises

    if options.check:
        found = exercises.problems()
        print("\n".join(found) or "the exercises are in step with the solutions")
        return 1 if found else 0
    changed = [results.shown(path) for path in exercises.write()]
    print("\n".join(f"written: {path}" for path in changed) or "nothing has changed")
    return 0


def pack_handout(options: argparse.Namespace) -> None:
    """Pack the course without its solutions into a zip for a class."""
    from har_utils import handout

    print(f"written: {results.shown(handout.pack(options.output))}")


def clean_notebooks(options: argparse.Namespace) -> None:
    """Take outputs, counts and metadata out of the notebooks."""
    for path in _notebooks(options):
        if notebooks.clean(path):
            print(f"cleaned {path.name}")


def check_notebooks(options: argparse.Namespace) -> int:
    """Check that notebooks are as they are committed, and the executed pages free of noise."""
    from har_utils import exercises

    found = [problem for path in _notebooks(options) for problem in notebooks.problems(path)]
    if not options.notebooks:
        found += exercises.problems()
    if options.executed:
        folder = pipeline.course(options.executed).folder / "notebooks"
        private = (str(results.REPOSITORY), str(Path.home()))
        for path in sorted(folder.rglob("*.ipynb")):
            found += notebooks.executed_problems(path, private)
    print("\n".join(found) or f"{len(_notebooks(options))} notebooks are clean")
    return 1 if found else 0


# --- For the Snakefile --------------------------------------------------------------------------


def job(options: argparse.Namespace) -> None:
    """Execute one job of a profile."""
    pipeline.run_job(_course(options), options.name)


def numbers(options: argparse.Namespace) -> None:
    """Write the report's numbers and tables."""
    from har_utils import report

    for path in report.write_generated(options.profile, options.folder):
        print(path)


def pdf(options: argparse.Namespace) -> None:
    """Set the report."""
    from har_utils import tex

    tex.make_pdf(pipeline.course(options.profile).folder, options.output)


# --- Options ------------------------------------------------------------------------------------


def _course(options: argparse.Namespace) -> pipeline.Course:
    """Return the course of the profile that was asked for."""
    return pipeline.course(options.profile, options.seeds)


def _notebooks(options: argparse.Namespace) -> list[Path]:
    """Return the notebooks that were named, or all."""
    return options.notebooks or sorted(NOTEBOOKS.glob("**/[!.]*.ipynb"))


def _parameter(text: str) -> tuple[str, object]:
    """Return name and value of ``name=value``; the value is read as JSON, else it is text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not name=value")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m har_utils", description=__doc__)
    add = partial(_add, parser.add_subparsers(required=True, metavar="command"))
    cores = _option("--cores", type=int, default=os.cpu_count(), help="jobs at once")
    some = _option("notebooks", nargs="*", type=Path, help="default: all")
    parameters = _option("parameters", nargs="*", type=_parameter, help="name=value")
    output, notebook = _option("output", type=Path), _option("notebook", type=Path)

    add("build", build, *PROFILE, cores)
    times_too = _option("--times", action="store_true", help="new times, too")
    runs = _option("--runs", action="store_true", help="only the runs that are finished so far")
    add("publish", publish, *PROFILE, times_too, runs)
    add("summary", summary, *PROFILE)
    add("times", times, *PROFILE)
    add("site", site, *PROFILE)
    add("data", data, _option("--marker", type=Path, help="also write what it is to this file"))
    add("verify", verify, _option("archive", type=Path))
    add("export", export, _option("folder", type=Path))
    add("tune", tune, *TUNE)
    add("classify", classify, *CLASSIFY)
    add("tex", find_tex)
    add("start-page", start_page)
    add("time-lessons", time_lessons, _option("lessons", nargs="*", help="default: all"))
    add("run-notebook", run_notebook, notebook, output, parameters)
    check = _option("--check", action="store_true", help="write nothing, say what would change")
    add("exercises", write_exercises, check)
    place = _option("output", nargs="?", type=Path, help="default: build/handout.zip")
    add("handout", pack_handout, place)
    add("clean-notebooks", clean_notebooks, some)
    executed = _option("--executed", metavar="PROFILE", help="check a build's pages too")
    add("check-notebooks", check_notebooks, some, executed)
    add("job", job, *PROFILE, _option("name"))
    add("numbers", numbers, *PROFILE, _option("folder", type=Path))
    add("pdf", pdf, *PROFILE, output)
    return parser


def _option(*names: str, **details: object) -> tuple[tuple[str, ...], dict[str, object]]:
    """Return an argument of a command, to be given to `_add`."""
    return names, details


PROFILE = (
    _option("profile", help="smoke, report or full"),
    _option("--seeds", type=int, metavar="N", help="instead of the profile's own number"),
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


CLASSIFY = (
    _option("recording", type=Path, help="what an app exported, or a folder of such"),
    _option("--model", type=Path, metavar="FILE", help=".keras or .tflite; default: the published"),
    _option("--json", type=Path, metavar="FILE", help="also write all answers to this file"),
    _option("--picture", type=Path, metavar="FILE", help="also draw them: .png, .pdf or .svg"),
)


def _add(commands: Any, name: str, function: Callable, *options: tuple) -> None:
    """Add a command; its help is the first line of the function that does it."""
    command = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
    command.set_defaults(command=function)
    for names, details in options:
        command.add_argument(*names, **details)


if __name__ == "__main__":
    sys.exit(main())
