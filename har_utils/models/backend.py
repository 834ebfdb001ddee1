"""TensorFlow, started so that a run repeats."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from functools import cache, wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Send the process's error stream to nowhere, for example while TensorFlow is loaded.

    TensorFlow writes notes about processors and missing graphics cards past Python, and while it
    loads it does so whatever ``TF_CPP_MIN_LOG_LEVEL`` says.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def prepare(threads: int | None = None) -> ModuleType:
    """Load Keras on TensorFlow: silent, repeatable, with a known number of threads.

    Call it before the first ``import keras`` of a program; calling it again changes nothing. What
    is trained without a seed of its own is shuffled from seed 0.

    Parameters
    ----------
    threads
        Threads for one TensorFlow operation; None takes ``HAR_THREADS``, else 1. Several jobs
        with one thread each finish sooner than one job with several threads.

    Returns
    -------
    module
        The ``keras`` module.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if "keras" in sys.modules and "tensorflow" in sys.modules:
        import keras
        import tensorflow
    else:
        with muted():
            import keras
            import tensorflow
    tensorflow.get_logger().setLevel("ERROR")  # a notebook of many small fits is not a mistake
    _make_repeatable()
    _set_threads(tensorflow, threads or int(os.environ.get("HAR_THREADS") or 1))
    return keras


@cache
def _make_repeatable() -> None:
    """Let TensorFlow use only operations that repeat, once: it refuses random ones without a seed.

    Repeated, it would start the shuffling of a training anew in the middle of a program.
    """
    import tensorflow

    tensorflow.config.experimental.enable_op_determinism()
    tensorflow.random.set_seed(0)


def patch_keras() -> None:
    """Replace two things inside Keras and TensorFlow that cost time; the numbers stay the same.

    - TensorFlow watches every pipeline of batches to find the best number of threads for it. With
      one thread there is nothing to find; but where other programs are running, too, the end of an
      epoch may miss that the watcher is to stop, and waits seconds until it wakes up by itself.
    - Keras lets the optimiser and the metrics create what they remember while TensorFlow traces the
      first step of a training. A trace that created something is not used, so every training
      begins with two of them, several seconds each. Here both are created before.

    Neither can be set where ``fit`` and ``predict`` are called. So methods are replaced for the
    whole process, which is why this has a call of its own. Calling it again changes nothing.
    """
    import keras
    import tensorflow

    iterate = tensorflow.data.Dataset.__iter__
    if hasattr(iterate, "__wrapped__"):
        return

    @wraps(iterate)
    def untuned(pipeline: Any) -> Iterator:
        options = tensorflow.data.Options()
        options.autotune.enabled = False
        return iterate(pipeline.with_options(options))

    tensorflow.data.Dataset.__iter__ = untuned
    keras.Model._maybe_symbolic_build = _build_before_tracing


def _build_before_tracing(model: keras.Model, iterator: Any = None, data_batch: Any = None) -> None:
    """Create what a network's optimiser and its metrics remember.

    Keras calls this before the first step of ``fit``, ``evaluate`` or ``train_on_batch``, with the
    batches of an epoch or with one of them. Nothing is taken from the batches: it would shuffle
    them anew. A network that Keras has not built yet, or with several outputs, is left to it.
    """
    import keras

    outputs = getattr(model, "outputs", None) or []
    if not model.built or len(outputs) != 1:
        return
    if model.optimizer is not None and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    metrics = model._compile_metrics
    batch = data_batch if iterator is None else iterator._distributed_dataset.element_spec
    if metrics is not None and not metrics.built and len(batch) > 1:
        labels, answers = batch[1], outputs[0]
        kept_as = keras.backend.standardize_dtype(labels.dtype)
        expected = keras.KerasTensor(labels.shape, kept_as)
        metrics.build(expected, keras.KerasTensor(answers.shape, answers.dtype))


def _set_threads(tensorflow: ModuleType, threads: int) -> None:
    """Set the number of threads unless TensorFlow already runs: then it can no longer change."""
    threading = tensorflow.config.threading
    if threading.get_intra_op_parallelism_threads() == threads:
        return
    with contextlib.suppress(RuntimeError):
        threading.set_intra_op_parallelism_threads(threads)
        threading.set_inter_op_parallelism_threads(1)
