"""What the repository asks of those who change it is set up, and agrees with itself."""

import re
from pathlib import Path

import pytest
import yaml

from har_utils.files import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((REPOSITORY / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
"""Every form; ``config.yml`` is none."""


def read(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def commands(path):
    """Return what a workflow runs."""
    steps = [step for job in read(path)["jobs"].values() for step in job["steps"]]
    return [step["run"] for step in steps if "run" in step]


def test_workflow_of_a_push_is_what_any_service_calls():
    assert commands(REPOSITORY / ".github" / "workflows" / "test.yml") == [".ci/run"]
    assert "push" in read(REPOSITORY / ".github" / "workflows" / "test.yml")[True]  # YAML's "on"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_calls_only_targets_that_make_has(path):
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    for command in commands(path):
        if command.startswith("make "):
            assert {word for word in command.split()[1:] if "=" not in word} <= targets


def test_workflow_of_a_week_leaves_out_a_test_there_is():
    [job] = read(REPOSITORY / ".github" / "workflows" / "weekly.yml")["jobs"].values()
    [options] = [step["env"]["PYTEST_ADDOPTS"] for step in job["steps"] if "env" in step]
    file, _, name = options.removeprefix("--deselect ").strip().partition("::")
    assert f"def {name}(" in (REPOSITORY / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_form_has_what_github_demands(path):
    form = read(path)
    assert {"name", "description", "body"} <= set(form)
    fields = [field["id"] for field in form["body"]]
    assert len(set(fields)) == len(fields)
    assert all(field["attributes"]["label"] for field in form["body"])


def test_pre_commit_runs_what_make_test_runs():
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    makefile = makefile.replace("$(RUN)", ".venv/bin/python -m har_utils")
    [local] = read(REPOSITORY / ".pre-commit-config.yaml")["repos"]
    for hook in local["hooks"]:
        assert hook["entry"].replace(" --force-exclude", "") in makefile, hook["id"]
