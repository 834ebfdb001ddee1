# Which notebook makes what. What there is to do for a profile comes from har_utils.build.plan
# (config/<profile>.yaml, config/notebooks.yaml); everything is made in build/<profile>/.
#
#   make report                                             the usual way
#   .venv/bin/snakemake --cores 8 --config profile=full     the same graph, by hand
#   .venv/bin/snakemake --profile config/slurm --config profile=full   ... or on a cluster
import json
import os
import sys

from har_utils.imports import without_address_grammar

without_address_grammar()
from har_utils.build import dependencies, plan

PYTHON = sys.executable
course = plan.course(config.get("profile", "report"), config.get("seeds"))
build = course.folder
options = f"--seeds {course.settings['seeds']}"


rule all:
    input:
        course.pdf,
        course.site,
        course.manifest,


rule data:
    message: "data"
    input: dependencies.modules_of(dependencies.module("dataset"))
    output: build / "data.json"
    params: source=plan.data_choice()
    log: course.log("data")
    resources: **plan.needs()
    shell: "exec {PYTHON:q} -m har_utils.forking har_utils data --marker {output:q} > {log:q} 2>&1"


# One job for each lesson and for each further run. The runs themselves are not declared as
# outputs: Snakemake would delete a finished training whenever the cells after it fail.
for job in course.jobs:
    rule:
        name: job.name
        message: job.name
        input:
            job.notebook,
            dependencies.modules_of(job.notebook),
            rules.data.output,
            [course.executed(name) for name in job.after],
            plan.comparison_inputs(course) if job.compares else [],
            plan.published_tables() if job.reads_tables else [],
            plan.published_runs(course) if job.shows_published else [],
        output:
            executed=course.executed(job),
            others=course.figures(job) + course.values(job),
        params:
            name=job.name,
            parameters=json.dumps(job.parameters, sort_keys=True),
        log: course.log(job.name)
        threads: 1
        resources: **plan.needs(job.minutes)
        priority: round(60 * course.urgency(job))
        shell:
            "exec {PYTHON:q} -m har_utils.forking har_utils job {course.profile} {options} {params.name:q} > {log:q} 2>&1"


rule numbers:
    message: "numbers"
    input:
        [course.executed(job) for job in course.jobs],
        [course.values(job) for job in course.jobs],
        dependencies.modules_of(dependencies.module("report")),
        plan.comparison_inputs(course),
    output: directory(build / "generated")
    log: course.log("numbers")
    resources: **plan.needs()
    shell: "exec {PYTHON:q} -m har_utils.forking har_utils numbers {course.profile} {output:q} > {log:q} 2>&1"


rule pdf:
    message: "pdf"
    input:
        rules.numbers.output,
        [course.figures(job) for job in course.jobs],
        plan.report_sources(),
        dependencies.modules_of(dependencies.module("report.tex")),
    output: course.pdf
    params: paper=os.environ.get("PAPER", "")
    log: course.log("pdf")
    resources: **plan.needs()
    shell: "exec {PYTHON:q} -m har_utils.forking har_utils pdf {course.profile} {output:q} > {log:q} 2>&1"


# The lessons, figures, exercises and the report as pages to read in a browser. It sets the report
# anew, with links to the pages, and so need not wait for the other one.
rule site:
    message: "site"
    input:
        [course.executed(name) for name in course.contents],
        [course.figures(job) for job in course.jobs],
        rules.numbers.output,
        plan.report_sources(),
        plan.site_sources(),
        dependencies.modules_of(dependencies.module("build.site")),
    output: directory(course.site)
    params: paper=os.environ.get("PAPER", "")
    log: course.log("site")
    resources: **plan.needs()
    shell: "exec {PYTHON:q} -m har_utils.forking har_utils site {course.profile} {options} > {log:q} 2>&1"


# Last of all, what belongs together: make verify reads it.
rule manifest:
    message: "manifest"
    input:
        [course.executed(job) for job in course.jobs],
        rules.numbers.output,
        course.pdf,
        course.site,
    output: course.manifest
    resources: **plan.needs()
    log: course.log("manifest")
    shell: "exec {PYTHON:q} -m har_utils.forking har_utils manifest {course.profile} {options} > {log:q} 2>&1"
