#!/usr/bin/env bash
# Snakemake 9.27.1 looks at all waiting jobs more often with every job that has ended.
#
# The scheduler limits how many jobs it starts per second (`--max-jobs-per-timespan`, 100/1s unless
# said otherwise). After every round of scheduling it asks to be woken one second later, whatever
# woke it. A job that ends causes one more round, which asks for one more waking; so each job adds a
# chain of wakings, one a second, that never ends. Every round reads the size of each input of each
# waiting job.
#
# Here one job of eight seconds runs on the only core while another waits. With no job done before,
# the scheduler looks some eight times; after thirty short jobs, some two hundred times. In a
# workflow of 40 jobs with some hundred inputs each, Snakemake itself took three minutes of
# processor time that way. Without a limit (`max_jobs_per_timespan = None`, which no option of the
# command line can say) it looks once.
#
# Seen: "rounds while the long job runs: 7 after 0 jobs, 245 after 30 jobs, 0 without a limit"
# (the first and second number vary by a few).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip -qq --disable-pip-version-check install snakemake==9.27.1
cd "$folder"

cat > Snakefile << 'EOF'
N = int(config["count"])
rule all:
    input: "long", "waits"
rule short:
    output: "short-{number}"
    shell: "touch {output}"
rule long:
    input: expand("short-{number}", number=range(N))
    output: "long"
    priority: 2
    shell: "echo long begins; sleep 8; touch {output}; echo long ends"
rule waits:
    input: expand("short-{number}", number=range(N))
    output: "waits"
    priority: 1
    shell: "touch {output}"
EOF

cat > run.py << 'EOF'
import sys
from snakemake import cli

parser, options = cli.parse_args(sys.argv[2:])
if sys.argv[1] == "unlimited":
    options.max_jobs_per_timespan = None
sys.exit(0 if cli.args_to_api(options, parser) else 1)
EOF

rounds() { # limit, number of short jobs
  rm -rf short-* long waits .snakemake
  env/bin/python run.py "$1" --cores 1 --scheduler greedy --verbose --config count="$2" 2>&1 |
    sed -n '/^long begins/,/^long ends/p' | grep -c '^Ready jobs' || true
}

few=$(rounds limited 0)
many=$(rounds limited 30)
none=$(rounds unlimited 30)
echo "rounds while the long job runs: $few after 0 jobs, $many after 30 jobs, $none without a limit"
[ "$few" -le 16 ] && [ "$many" -ge 100 ] && [ "$none" -le 2 ]
