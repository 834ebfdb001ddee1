"""What a module says, by the names of its texts, so that a test need not know the wording."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest


def listen(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> dict[str, dict[str, Any]]:
    """Return a dictionary that fills with what a module says: name of the text → its facts.

    Parameters
    ----------
    monkeypatch
        The test's.
    module
        One that has `sentences.beside(__file__)` as ``say``; it goes on saying its texts.
    """
    heard: dict[str, dict[str, Any]] = {}
    say = module.say

    def heard_say(key: str, **facts: Any) -> str:
        heard[key] = facts
        return say(key, **facts)

    monkeypatch.setattr(module, "say", heard_say)
    return heard
