"""What ``make bench`` measures of other people's libraries, in an environment of their own."""

from __future__ import annotations

import os

import numpy as np
from measured import measured, run

N_TRAINED = 1024
"""Windows on which a network is trained while it is measured."""

N_DESCRIBED = 40
"""Windows whose features are computed while that is measured."""


def train(name: str, batch_size: str) -> None:
    """Train PyTorch's network of the same layers; the first batches are not counted."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    split = np.load(os.environ["SPLIT"])
    windows = torch.from_numpy(split["train_windows"][:N_TRAINED].astype(np.float32))
    activity = torch.from_numpy(split["train_activity"][:N_TRAINED].astype(np.int64))
    network = _networks()[name]()
    optimiser = torch.optim.Adam(network.parameters())
    loss = torch.nn.CrossEntropyLoss()

    def epoch(n_windows: int) -> None:
        order = torch.randperm(n_windows)
        for rows in order.split(int(batch_size)):
            optimiser.zero_grad()
            loss(network(windows[rows]), activity[rows]).backward()
            optimiser.step()

    epoch(128)
    measured(N_TRAINED, lambda: epoch(N_TRAINED))


def _networks() -> dict[str, object]:
    """Return the source's four networks as PyTorch has their layers."""
    from torch import nn

    class Last(nn.Module):
        """An LSTM of which only the last state is used."""

        def __init__(self, n_inputs: int, units: int):
            super().__init__()
            self.lstm = nn.LSTM(n_inputs, units, batch_first=True)

        def forward(self, x):
            return self.lstm(x)[0][:, -1]

    class Sequence(Last):
        """An LSTM of which all states are used."""

        def forward(self, x):
            return self.lstm(x)[0]

    class Turned(nn.Module):
        """Exchange time and channels."""

        def forward(self, x):
            return x.transpose(1, 2)

    def single_lstm():
        return nn.Sequential(Last(9, 128), nn.BatchNorm1d(128), nn.Dropout(0.5), nn.Linear(128, 6))

    def multi_lstm():
        first, second = Sequence(9, 100), Last(100, 128)
        return nn.Sequential(first, nn.Dropout(0.5), second, nn.Dropout(0.5), nn.Linear(128, 6))

    def cnn_1d():
        filters = (Turned(), nn.Conv1d(9, 64, 3), nn.ReLU(), nn.Conv1d(64, 128, 3), nn.ReLU())
        pooled = (nn.Dropout(0.6), nn.MaxPool1d(2), nn.Flatten())
        return nn.Sequential(
            *filters, *pooled, nn.Linear(62 * 128, 50), nn.ReLU(), nn.Linear(50, 6)
        )

    def cnn_lstm():
        first = (Turned(), nn.Conv1d(9, 64, 3, padding=1), nn.ReLU(), nn.MaxPool1d(2))
        second = (nn.Conv1d(64, 128, 3, padding=1), nn.ReLU(), nn.Dropout(0.5), nn.MaxPool1d(2))
        return nn.Sequential(
            *first, *second, Turned(), Last(128, 100), nn.Dropout(0.5), nn.Linear(100, 6)
        )

    return {each.__name__: each for each in (single_lstm, multi_lstm, cnn_1d, cnn_lstm)}


def features() -> None:
    """Compute tsfel's statistical features of windows, which are not more than ours."""
    import tsfel

    windows = np.load(os.environ["SPLIT"])["train_windows"][: N_DESCRIBED + 1]
    settings = tsfel.get_features_by_domain("statistical")

    def describe(window: np.ndarray) -> int:
        options = {"fs": 50, "verbose": 0, "n_jobs": None}
        return tsfel.time_series_features_extractor(settings, window, **options).shape[1]

    n_features = describe(windows[0])
    described = windows[1:]
    measured(N_DESCRIBED, lambda: [describe(each) for each in described], features=n_features)


def minirocket() -> None:
    """Train aeon's MiniRocket with its ridge classifier on the official split."""
    from aeon.classification.convolution_based import MiniRocketClassifier

    split = np.load(os.environ["SPLIT"])
    train = split["train_windows"].transpose(0, 2, 1)
    model = MiniRocketClassifier(random_state=0, n_jobs=1)
    measured(1, lambda: model.fit(train, split["train_activity"]))


if __name__ == "__main__":
    run(__doc__, train, features, minirocket)
