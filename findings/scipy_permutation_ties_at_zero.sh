#!/usr/bin/env bash
# SciPy's exact permutation test gives p = 0.75 for differences that balance exactly, where p is 1.
#
# Package: scipy 1.17.1 with numpy 2.4.6, `scipy.stats.permutation_test`, permutation_type "samples".
# What one expects: eight people gain −0.2, −0.1, 0, 0, 0, 0, +0.1 and +0.2 points. The mean is zero, no
#   choice of signs can have one nearer to zero, and so the two-sided p-value is 1. The same differences
#   times ten, which are whole numbers, do give 1.
# What happens: 0.75. The mean of the tenths is 3.5e-18 by rounding, and ties with it are looked for
#   within a tolerance that is relative to it, which beside zero is no tolerance: a quarter of the sign
#   choices have a mean of exactly zero and count as nearer to zero than what was observed.
# Why it matters: paired comparisons of models over people are such tests, and differences of accuracies
#   are such numbers. Scale them to whole numbers first, or give ties an absolute tolerance.
# This script installs the packages in a temporary folder and fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip -qq --disable-pip-version-check install "scipy==1.17.1" "numpy==2.4.6"
"$folder/env/bin/python" - <<'PYTHON'
import numpy as np
from scipy.stats import permutation_test


def p_value(differences):
    """Return the exact two-sided p-value under all choices of signs, and the mean."""
    found = permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    return found.pvalue, found.statistic


tenths = np.array([0, 0, 0, -1, 1, 2, 0, -2])
whole, mean = p_value(tenths)
print(f"whole numbers: mean {mean}, p = {whole}")
assert (whole, mean) == (1.0, 0.0)
scaled, mean = p_value(0.1 * tenths)
print(f"the same, divided by ten: mean {mean:.1e}, p = {scaled}")
assert scaled == 0.75, "SciPy finds the ties now"
assert 0 < abs(mean) < 1e-16
PYTHON
echo "as described"
