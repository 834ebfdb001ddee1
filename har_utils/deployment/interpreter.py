"""LiteRT's interpreter without the rest of TensorFlow: answers in a tenth of the time to start.

TensorFlow carries the interpreter as a library that needs none of its other parts, but the Python
module around it loads them all. Here the library alone is loaded.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from pathlib import Path
from types import ModuleType

import numpy as np

from har_utils.models import muted

LIBRARY = "tensorflow.lite.python._pywrap_tensorflow_interpreter_wrapper"
"""What TensorFlow calls the library."""

ALL_KERNELS = 1
"""Number of the set of operations that LiteRT's own `Interpreter` uses by default."""


class BareNetwork:
    """A float32 LiteRT file that reads one window at a time and predicts as a Keras network does.

    Parameters
    ----------
    content
        The file.

    Raises
    ------
    ImportError
        If the installed TensorFlow has no such library.
    ValueError
        If it is not a LiteRT file.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content  # the library does not copy it
        with muted():  # it says which kernels it takes
            self._interpreter = _library().CreateWrapperFromBuffer(
                content, ALL_KERNELS, [], [], False, False, 1, False
            )
            self._interpreter.AllocateTensors()
        [self._input] = self._interpreter.InputIndices()
        self._outputs = self._interpreter.OutputIndices()

    def predict(
        self, windows: np.ndarray, batch_size: int = 1, verbose: int = 0
    ) -> np.ndarray | list[np.ndarray]:
        """Return what the network says to windows.

        Parameters
        ----------
        windows
            ``(n, 128, 9)`` float32.
        batch_size, verbose
            As Keras has them; they change nothing.

        Returns
        -------
        ndarray, or list of ndarray where the network has several outputs
            ``(n, n_classes)`` float32 each.
        """
        answers = zip(*map(self._answer, windows), strict=True)
        found = [np.concatenate(one) for one in answers]
        return found if len(self._outputs) > 1 else found[0]

    def _answer(self, window: np.ndarray) -> list[np.ndarray]:
        """Return all outputs for one window, ``(1, n_classes)`` each."""
        one = np.ascontiguousarray(window[np.newaxis], np.float32)
        self._interpreter.SetTensor(self._input, one)
        self._interpreter.Invoke()
        return [self._interpreter.GetTensor(output, 0).copy() for output in self._outputs]


def _library() -> ModuleType:
    """Load the interpreter's library by the name that TensorFlow would give it.

    Raises
    ------
    ImportError
        If it is not where TensorFlow 2.21 has it.
    """
    if LIBRARY in sys.modules:
        return sys.modules[LIBRARY]
    found = importlib.util.find_spec("tensorflow")
    places = found.submodule_search_locations if found else None
    folder = Path(next(iter(places or [""]))) / "lite" / "python"
    files = [folder / f"{LIBRARY.rpartition('.')[2]}{ending}" for ending in EXTENSION_SUFFIXES]
    file = next((file for file in files if file.exists()), None)
    if file is None:
        raise ImportError("no interpreter in the installed TensorFlow")
    loader = ExtensionFileLoader(LIBRARY, str(file))
    spec = importlib.util.spec_from_file_location(LIBRARY, file, loader=loader)
    assert spec is not None  # it is only where no loader is found, and here is one
    library = importlib.util.module_from_spec(spec)
    loader.exec_module(library)
    sys.modules[LIBRARY] = library
    return library
