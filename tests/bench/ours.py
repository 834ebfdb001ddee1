"""What ``make bench`` measures of the course: ``python ours.py train single_lstm 32``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from measured import measured, run

N_TRAINED = 1024
"""Windows on which a network is trained while it is measured."""


def train(name: str, batch_size: str) -> None:
    """Train a network for an epoch; what the first batches cost besides is not counted."""
    from har_utils import dataset, models

    keras = models.prepare()
    models.patch_keras()
    people = dataset.load().train
    windows, activity = people.windows[:N_TRAINED], people.labels[:N_TRAINED]
    network = models.build(name)
    loss = "sparse_categorical_crossentropy"
    network.compile(keras.optimizers.Adam(), loss)
    options = {"batch_size": int(batch_size), "verbose": 0}
    network.fit(windows[:128], activity[:128], **options)
    measured(len(windows), lambda: network.fit(windows, activity, **options))


def features() -> None:
    """Compute the features of the windows of one recording."""
    from har_utils import dataset
    from har_utils import features as extraction
    from har_utils.dataset import windows

    _, starts, filtered = next(windows._filtered_recordings(dataset.published_table()))
    windows._features(filtered, starts)  # the first call also loads what it needs
    n_features = len(extraction.NAMES)
    measured(len(starts), lambda: windows._features(filtered, starts), features=n_features)


def all_features() -> None:
    """Read and filter all recordings, cut the windows and compute their features."""
    from har_utils import dataset
    from har_utils.dataset import loading

    dataset.published_table()
    measured(1, loading._build)


def minirocket() -> None:
    """Train the course's MiniRocket with its ridge classifier on the official split."""
    from har_utils import dataset
    from har_utils.models import rocket

    people = dataset.load().train
    model = rocket.minirocket(0, rocket.N_KERNELS["minirocket"])
    measured(1, lambda: model.fit(people.windows, people.labels))


def recording(file: str) -> None:
    """Write a recording of six minutes as a phone's app would export it."""
    from har_utils import recordings

    one = max(recordings.load(), key=lambda each: len(each.acceleration))
    n_samples = 6 * 60 * 50
    seconds = np.arange(n_samples) / 50
    both = (seconds, one.acceleration[:n_samples], one.rotation[:n_samples])
    titles = "time,acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z"
    np.savetxt(file, np.column_stack(both), "%.6f", ",", header=titles, comments="")


def official_split(file: str) -> None:
    """Write the windows and activities of the official split for the peers."""
    from har_utils import dataset

    data = dataset.load()
    parts = {"train": data.train, "test": data.test}
    arrays = {f"{name}_windows": part.windows for name, part in parts.items()}
    arrays |= {f"{name}_activity": part.labels for name, part in parts.items()}
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **arrays)


if __name__ == "__main__":
    run(__doc__, train, features, all_features, minirocket, recording, official_split)
