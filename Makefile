# The verbs of this repository. `make` alone lists them.
#
# Options: PROFILE=smoke|report|full  SEEDS=n  CORES=n  REUSE=1 (read published runs whose digest
# matches instead of repeating them)  PYTHON=/path/to/python3.12  PAPER=letter|a4

PROFILE ?= report
CORES ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
SEEDS ?=
REUSE ?=
TIMING ?=
PAPER ?=
# As it is written, also with a space or a dollar in it; the shell reads it from its environment.
override PYTHON := $(value PYTHON)
export REUSE PYTHON PAPER
# Many short processes run here: they keep what they compiled, also where containers forbid it.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
RUN := $(VENV)/bin/python -m har_utils
COURSE := $(PROFILE) $(if $(SEEDS),--seeds $(SEEDS))
PIP := $(VENV)/bin/python -m pip -qq --disable-pip-version-check --no-input
UV := build/uv/bin/python -m uv
LAB := --LabApp.default_url=/lab/tree/notebooks/start.md $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help env mutants bench cluster-test report site serve verify publish test lab lock handout class exercises clean clean-notebooks check-notebooks times

help:
	@echo "make report           executed notebooks, figures and the PDF, in build/report/"
	@echo "make site             pages for a browser of a finished build, in build/report/site/"
	@echo "make serve            the same over https, for a phone: HOST=0.0.0.0 for the own network"
	@echo "make verify           do PDF, tables, figures, pages and runs belong together; do the claims hold"
	@echo "make test             style, types, tests, the whole pipeline in small"
	@echo "make mutants          change one line at a time and see whether tests notice"
	@echo "make bench            how fast it is, beside others; BEFORE=an older checkout, PUBLISH=1"
	@echo "make cluster-test     the course on a SLURM of two nodes on this machine; as root"
	@echo "make lab              JupyterLab with the notebooks"
	@echo "make publish          copy a finished build into the repository"
	@echo "make times            how long each notebook took"
	@echo "make exercises        write the exercises anew from notebooks/solutions/"
	@echo "make handout          the course without solutions for a class, build/handout.zip"
	@echo "make class            the same for nbgrader, with hidden questions, build/class/"
	@echo "make clean-notebooks  take outputs out of the notebooks"
	@echo "make lock             resolve requirements.lock anew"
	@echo "make clean            delete derived data and build/, but for build/class and build/grades"
	@echo "Options: PROFILE=report|full|smoke SEEDS=n CORES=n REUSE=1 PAPER=a4 PYTHON=... HOST=a PORT=n"

report: env
	@$(RUN) build $(COURSE) --cores $(CORES)

site: env
	@$(RUN) site $(COURSE)

# Only from the command line: some systems have a HOST in the environment that is something else.
ADDRESS := $(if $(filter command line,$(origin HOST)),--host $(HOST)) $(if $(PORT),--port $(PORT))

serve: env
	@$(RUN) serve $(COURSE) $(ADDRESS)

verify: env
	@$(RUN) verify-report $(PROFILE)

publish: env
	@$(RUN) publish $(COURSE) $(if $(TIMING),--times)

times: env
	@$(RUN) times $(COURSE)

lab: env
	@$(RUN) data
	@$(RUN) start-page
	@JUPYTER_CONFIG_PATH=config/jupyter TQDM_DYNAMIC_NCOLS=1 $(VENV)/bin/python -m jupyter lab $(LAB)

test: env
	@echo "== style"
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/codespell *.md har_utils notebooks teaching tests config report/sections
	@$(VENV)/bin/mypy
	@echo "== notebooks"
	@$(RUN) check-notebooks
	@echo "== the whole pipeline, profile smoke"
	@$(RUN) build smoke --cores $(CORES)
	@$(RUN) check-notebooks --executed smoke
	@echo "== tests"
	@$(VENV)/bin/python -m pytest -q --numprocesses $(CORES) --dist loadfile --no-loadscope-reorder

mutants: env
	@$(VENV)/bin/python tests/mutants.py

bench: env
	@$(VENV)/bin/python tests/bench/run.py $(if $(BEFORE),--before "$(BEFORE)") $(if $(PUBLISH),--publish)

JOBS ?=

cluster-test: env
	@PYTHONPATH=$(CURDIR) $(VENV)/bin/python tests/cluster/run.py $(JOBS)

exercises: env
	@$(RUN) exercises

handout: env
	@$(RUN) handout

class: env
	@$(RUN) class

clean-notebooks: env
	@$(RUN) clean-notebooks

check-notebooks: env
	@$(RUN) check-notebooks

clean:
	@test ! -d build || find build -mindepth 1 -maxdepth 1 ! -name class ! -name grades -exec rm -rf {} +
	@rmdir build 2>/dev/null || true
	@rm -rf .snakemake data/derived .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	@find har_utils tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- The environment ------------------------------------------------------------------------------
# Made from the lock, hash by hash. The last step leaves a copy of the lock in it: one that was left
# half made, or made from another lock, or for another place, does not have it and is made anew.

STAMP := $(VENV)/made-from

define FIND_PYTHON
for python in $(if $(PYTHON),"$$PYTHON",python3 python3.13 python3.12 python3.11 python); do \
  "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
    2>/dev/null && break; python=; \
done; \
if [ -z "$$python" ]; then \
  echo "make: no Python 3.11, 3.12 or 3.13 found$${PYTHON:+ at $$PYTHON}: install one, or name it with PYTHON=..." >&2; exit 1; \
fi; \
if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
  echo "make: $$python has no venv module: install python3-venv" >&2; exit 1; \
fi
endef

# The packages that build packages come first, since the lock has one that is only there as source.
define MAKE_ENVIRONMENT
set -e; $(FIND_PYTHON); \
echo "Making the environment in $(VENV) with $$("$$python" --version) (about two minutes)."; \
rm -rf $(VENV); "$$python" -m venv $(VENV); \
sed -nE '/^(setuptools|wheel|packaging)==/,/[^\\]$$/p' requirements.lock > $(VENV)/builders.txt; \
$(PIP) install --require-hashes -r $(VENV)/builders.txt; \
$(PIP) install --require-hashes --no-build-isolation -r requirements.lock; \
$(PIP) install --no-deps --no-build-isolation --editable .; \
{ pwd; cat requirements.lock; } > $(STAMP)
endef

env:
	@{ pwd; cat requirements.lock; } | cmp -s - $(STAMP) || { $(MAKE_ENVIRONMENT); }

lock:
	@test -x build/uv/bin/python || { $(FIND_PYTHON); "$$python" -m venv build/uv; }
	@build/uv/bin/python -m pip -qq --disable-pip-version-check install uv
	@$(UV) pip compile -q pyproject.toml --group test --universal --generate-hashes \
	  --python-version 3.11 --no-emit-index-url --upgrade -o requirements.lock
