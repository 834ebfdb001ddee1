"""Helper package of the course. The data's way is from top to bottom: recordings to report.

::

    files  digests  configuration    written whole or not at all; what made a file; settings
    imports  forking                what libraries leave out; processes with everything imported
    signals  placement  sensors     pure functions on arrays; where a phone sits; its errors
    recordings                      raw 50 Hz recordings, the data set's or somebody's own
    recipe                          how a network learns, and who is left out
    features  dataset/  phone/      561 features; windows and folds by subject; apps' exports
    augmentation  models/           what a network learns from, and its architecture
    words  sentences  quiz          numbers in words; texts that a person may edit; questions
    metrics  results  training      scores; one run is one file; the protocol that makes it
    crossvalidation  tuning  candidates    folds, searches, variations
    fitting                        runs of random convolutions, whose kernels nobody trains
    evaluation/  robustness/        intervals, tests, mistakes; altered recordings
    others/  deployment/            other people's data sets; somebody's own, small devices
    in_browser                      what a phone's browser gives, and what the live page says to it
    plots/                          every figure
    claims/                         sentences that state results, for lessons and report
    report/  build/  course/        LaTeX; what must run, pages; lessons' machinery
    teaching/                       the teacher's: hidden questions, grading, slides

A room imports only from rooms above it (``tests/test_layout.py``); none imports a notebook.
"""
