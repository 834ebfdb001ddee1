#!/usr/bin/env bash
# TensorFlow's fused LSTM, BlockLSTMV2, computes the right outputs and silently the wrong gradient.
#
# Package: tensorflow 2.21.0, on the CPU; eager and in a tf.function alike.
# What one expects: tf.raw_ops.BlockLSTMV2 takes weights in the order of gates that Keras has (input,
#   forget, candidate, output), and TensorFlow has a gradient for it: the layer can be trained with it.
# What happens: outputs agree with the five lines of an LSTM to the last bits. The gradient is that of
#   the older BlockLSTM, whose order is input, candidate, forget, output. For one step it has the columns
#   of candidate and forget gate exchanged; for more steps it is wrong in every column, since it reads the
#   weights in the wrong order as well. No error, no warning.
# Why it matters: the fused operation is an obvious way to a quicker LSTM on a CPU. A test of the forward
#   pass is passed, training runs and even learns something.
# This script installs the package in a temporary folder and fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip -qq --disable-pip-version-check install "tensorflow==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/env/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import tensorflow as tf

BATCH, INPUTS, UNITS = 3, 2, 4


def fused(x, weights, bias):
    """Return the outputs of every step, (steps, batch, units), from the fused operation."""
    none, start = tf.zeros(UNITS), tf.zeros((BATCH, UNITS))
    return tf.raw_ops.BlockLSTMV2(
        seq_len_max=len(x), x=x, cs_prev=start, h_prev=start, w=weights, b=bias,
        wci=none, wcf=none, wco=none, cell_clip=0.0, use_peephole=False,
    ).h


def plain(x, weights, bias):
    """Return the same from the equations."""
    output = memory = tf.zeros((BATCH, UNITS))
    outputs = []
    for step in x:
        sums = tf.concat([step, output], axis=1) @ weights + bias
        i, f, candidate, o = tf.split(sums, 4, axis=1)
        memory = tf.sigmoid(f) * memory + tf.sigmoid(i) * tf.tanh(candidate)
        output = tf.sigmoid(o) * tf.tanh(memory)
        outputs.append(output)
    return tf.stack(outputs)


def both(n_steps):
    """Return outputs and the weights' gradients, fused and plain."""
    random = np.random.default_rng(0)
    x = tf.constant(random.normal(size=(n_steps, BATCH, INPUTS)), tf.float32)
    weights = tf.constant(random.normal(size=(INPUTS + UNITS, 4 * UNITS)), tf.float32)
    bias = tf.constant(random.normal(size=4 * UNITS), tf.float32)
    found = []
    for layer in (fused, plain):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs = layer(x, weights, bias)
            loss = tf.reduce_sum(outputs**2)
        found += [outputs.numpy(), tape.gradient(loss, weights).numpy()]
    return found


for n_steps in (1, 6):
    fused_outputs, fused_gradient, outputs, gradient = both(n_steps)
    off = np.abs(fused_gradient - gradient).max() / np.abs(gradient).max()
    print(f"{n_steps} steps: outputs differ by {np.abs(fused_outputs - outputs).max():.1e}, "
          f"gradients by {100 * off:.0f} % of the largest")
    assert np.abs(fused_outputs - outputs).max() < 1e-6
    assert off > 0.1
    i, f, candidate, o = np.split(fused_gradient, 4, axis=1)
    exchanged = np.concatenate([i, candidate, f, o], axis=1)
    is_cured = bool(np.allclose(exchanged, gradient, atol=1e-5))
    print("  with candidate and forget gate exchanged they agree:", is_cured)
    assert is_cured == (n_steps == 1)
PYTHON
