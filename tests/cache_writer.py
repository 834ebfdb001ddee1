"""What another process does to the cache; it imports nothing else of the tests."""

from pathlib import Path

import numpy as np

from har_utils.dataset import loading


def write_often(file: Path, value: int) -> None:
    """Write a cache of one value again and again."""
    for _ in range(30):
        loading._write_cache(file, {"key": np.array("k"), **constant(value)})


def constant(value: int) -> dict[str, np.ndarray]:
    """Return what a cache holds, all of it one value."""
    array = np.full(50_000, value)
    return {"windows": array, "features": array, "digest": np.array(str(value))}
