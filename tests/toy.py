"""A toy repository: the real machinery, with notebooks that take seconds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml

from har_utils.build import notebooks

REPOSITORY = Path(__file__).resolve().parents[1]

PARAMETERS = """\
profile = "lab"
subjects = "all"
"""

TRAINING = """\
seed = 0
validation_fold = 0
max_epochs = 1
"""

COUNT = """\
with open("executions.txt", "a") as file:
    file.write(NAME + "\\n")
"""

FIGURE = """\
from har_utils import results
folder = results.build_folder(profile) / "figures"
folder.mkdir(parents=True, exist_ok=True)
for ending in ("pdf", "png"):
    (folder / f"dots.{ending}").write_text("dots")
"""

RUN = """\
from har_utils import results
for fold in folds:
    key = results.Key("single_lstm", fold=fold, seed=seed)
    for ending in (".json", ".npz"):
        path = results.run_file(results.results_folder(profile), key, ending)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"run {key.stem}")
"""

CONTENTS = {
    "01_dots": {"figures": ["dots"]},
    "04_net": {"network": "single_lstm"},
    "11_all": {"compares": True},
}

SETTINGS = {
    "subjects": "smoke",
    "validation_fold": 1,
    "seeds": 2,
    "networks": {"single_lstm": {"max_epochs": 1, "batch_size": 32, "minutes_per_epoch": 0.1}},
    "paper": {"seeds": 0, "max_epochs": 1},
    "minutes": {"01_dots": 0.1, "04_net": 0.2, "11_all": 0.1},
}

DATASET = """\
class Data:
    digest, source, train = "toy", "toy", ()
    def __len__(self):
        return 0
def load(subjects="all"):
    return Data()
"""

BUILD = """\
import sys
from har_utils import __main__
from har_utils.imports import without_address_grammar
without_address_grammar()
from har_utils.build import plan, snakemake
snakemake.PACKAGES = ("papermill", "ipykernel.kernelapp", "pandas", "yaml")
snakemake.NETWORK_PACKAGES = ()
def build(options):
    course = plan.course("smoke", options.seeds)
    snakemake.build(course, 2, tuple(str(course.executed(job)) for job in course.jobs))
__main__.build = build
sys.exit(__main__.main(["build", "smoke", *sys.argv[1:]]))
"""
"""As ``python -m har_utils build smoke``, without the report and without what trains networks."""


def write_notebook(path: Path, parameters: str, *cells: str) -> None:
    """Write a clean notebook with a parameters cell and other code cells."""
    notebook = nbformat.v4.new_notebook()
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    others = [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook.cells = [nbformat.v4.new_markdown_cell("# Toy"), first, *others]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebooks.as_text(notebooks.normalise(notebook)), encoding="utf-8")


class Toy:
    """A copy of the package and the Snakefile with three toy lessons and a toy training."""

    def __init__(self, folder: Path):
        self.folder = folder
        half_written = shutil.ignore_patterns("*.pyc.*")  # another process compiles a module
        shutil.copytree(REPOSITORY / "har_utils", folder / "har_utils", ignore=half_written)
        shutil.rmtree(folder / "har_utils" / "dataset")
        (folder / "har_utils" / "dataset.py").write_text(DATASET)
        shutil.copy(REPOSITORY / "Snakefile", folder)
        (folder / "config").mkdir()
        self.configure(**SETTINGS)
        (folder / "config" / "notebooks.yaml").write_text(yaml.safe_dump(CONTENTS))
        self.lesson("01_dots", FIGURE)
        self.lesson("04_net", RUN, before="folds = (1, None)", parameters=PARAMETERS + TRAINING)
        self.lesson("11_all", "1 + 1")
        training = PARAMETERS + TRAINING + 'model = "single_lstm"\nbatch_size = 32\n'
        self.lesson("train", RUN, before="folds = (None,)", parameters=training)

    def configure(self, **settings: object) -> None:
        """Write profile smoke."""
        (self.folder / "config" / "smoke.yaml").write_text(yaml.safe_dump(settings))

    def lesson(
        self, name: str, *cells: str, before: str = "pass", parameters: str = PARAMETERS
    ) -> None:
        """Write a notebook that notes each time it is executed."""
        path = self.folder / "notebooks" / f"{name}.ipynb"
        write_notebook(path, parameters, before, COUNT.replace("NAME", repr(name)), *cells)

    @property
    def executions(self) -> list[str]:
        """Names of the notebooks in the order they were executed, and forget them."""
        path = self.folder / "notebooks" / "executions.txt"
        names = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return names

    @property
    def results(self) -> Path:
        """Where the runs go."""
        return self.folder / "build" / "smoke" / "results"

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start a build."""
        environment = os.environ | {"PYTHONPATH": str(self.folder)}
        environment.pop("HAR_BUILD", None)
        return subprocess.Popen(
            [sys.executable, "-c", BUILD, *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def build(self, *arguments: str) -> subprocess.CompletedProcess:
        """Build everything; return what was said and the exit status."""
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
