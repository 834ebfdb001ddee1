#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow 2.21.0 traces the first step of every `fit` twice.
#
# Without a distribution strategy, Keras leaves it to the traced step to create what the optimiser
# and the metrics remember. TensorFlow throws away a trace that created variables and traces the
# same step again. Adam's moments alone are enough for it, the one accuracy of `metrics` alone, too:
# only if both are there before is the step traced once. The public way, `optimizer.build`, reaches
# the first and not the second. Trained weights are the same, bit by bit.
#
# For a network of a few layers a trace takes 1.5 to 3.5 seconds of processor time, so whoever
# trains many small networks, for cross-validation or in a search, waits for it every time.
#
# Seen: "traces of the first step: 2 as usual, 2 with metrics alone, 1 with the optimiser built and
# no metrics, 2 with the optimiser built and accuracy; weights equal: True"
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip -qq --disable-pip-version-check install \
  keras==3.15.1 tensorflow-cpu==2.21.0
cd "$folder"

cat > traces.py << 'EOF'
import keras
import numpy as np

WINDOWS, LABELS = np.linspace(0, 1, 36, dtype=np.float32).reshape(9, 4), np.arange(9) % 3


def traces(optimizer, metrics, build):
    keras.utils.set_random_seed(0)
    seen = []

    class Counting(keras.Model):
        def train_step(self, data):
            seen.append(1)
            return super().train_step(data)

    inputs = keras.Input((4,))
    model = Counting(inputs, keras.layers.Dense(3, activation="softmax")(inputs))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=metrics)
    if build:
        model.optimizer.build(model.trainable_variables)
    model.fit(WINDOWS, LABELS, batch_size=3, epochs=2, shuffle=False, verbose=0)
    return len(seen), model.get_weights()


usual, weights = traces("adam", ["accuracy"], build=False)
metrics_alone, _ = traces("sgd", ["accuracy"], build=True)
built, _ = traces("adam", None, build=True)
both, same = traces("adam", ["accuracy"], build=True)
equal = all(np.array_equal(a, b) for a, b in zip(weights, same))
print(
    f"traces of the first step: {usual} as usual, {metrics_alone} with metrics alone, "
    f"{built} with the optimiser built and no metrics, {both} with the optimiser built and "
    f"accuracy; weights equal: {equal}"
)
assert (usual, metrics_alone, built, both, equal) == (2, 2, 1, 2, True)
EOF
TF_CPP_MIN_LOG_LEVEL=3 env/bin/python traces.py 2> said.txt || { cat said.txt >&2; exit 1; }
