"""Helper package of the course. The data's way is from top to bottom: recordings to report.

::

    signals  recordings  phone/     raw 50 Hz signals and the files they come in
    features  dataset/              561 features; windows, splits and folds by subject
    augmentation  recipe  models/   what a network learns from, how, and its architecture
    results  training               one run is one file; the protocol that makes it
    crossvalidation  tuning  candidates    folds, searches, variations
    metrics  evaluation/            scores; intervals, tests, calibration, mistakes
    robustness/  deployment/        altered recordings; somebody's own; small devices
    in_browser                      what a phone's browser gives, and what the live page says to it
    plots/  words                   every figure; numbers in words
    course/  report/  build/        lessons' machinery; LaTeX; what must run, pages
    files  digests                  written whole or not at all; what made a file

A room imports only from rooms above it (``tests/test_layout.py``); none imports a notebook.
"""
