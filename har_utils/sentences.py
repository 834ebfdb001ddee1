"""Sentences in files that people edit; Python supplies the facts.

A module that says something has a YAML file of its name beside it: ``tuning.py`` speaks from
``tuning.yaml``. Under each key stands a text, or a list of variants of which the first is said
whose guard ``when`` is true::

    standing:
      - when: ahead
        say: it is ahead of {{ ahead | models }}
      - say: it is ahead of none

Texts and guards are written in Jinja's language. What is between ``{{`` and ``}}`` is a fact that
Python gives by name; behind ``|`` stands how it is shown (`FILTERS`). ``~`` is a space that does
not break. A text that ends with a full stop gets a capital letter. ``say('other')`` puts another
text in, with the same facts; ``| each('other')`` says one for every item of a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import jinja2.runtime

from har_utils import configuration, files, models, words

FILTERS = {
    "activity": words.activity_name,
    "at_most": words.at_most,
    "decimal": words.decimal,
    "grouped": words.grouped,
    "listing": words.listing,
    "models": words.models_listed,
    "percent": words.percent,
    "plural": words.plural,
    "points": words.points,
    "signed": words.signed,
    "the": words.the,
    "title": models.title,
    "word": words.word,
}
"""How facts may be shown; each is a function of `words` or `models`."""


class _Variant(NamedTuple):
    """A text, and what must be true for it to be said."""

    guard: Any
    text: jinja2.Template


class Sentences:
    """The sentences of one file.

    Parameters
    ----------
    path
        A YAML file: key → text or list of variants.
    capitals
        Whether a text that ends with a full stop gets a capital letter; not where it is said
        behind a colon.
    """

    def __init__(self, path: Path, capitals: bool = True) -> None:
        self.path = path
        self.capitals = capitals

    @cached_property
    def texts(self) -> dict[str, list[_Variant]]:
        """Key → variants, ready to be filled in; read when the first sentence is said."""
        language = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
        language.filters |= FILTERS | {"each": self._each}
        language.globals |= {"say": self._within, "span": words.span}
        written = configuration.parse(self.path)  # a key that stands twice is refused
        return {
            key: [_compiled(language, each) for each in _variants(written[key])] for key in written
        }

    def __call__(self, key: str, /, **facts: Any) -> str:
        """Return a sentence with its facts filled in.

        Raises
        ------
        ValueError
            If there is no such text, none of its variants is true, or it names an unknown fact.
        """
        where = f"{files.shown(self.path)}, {key}"
        if key not in self.texts:
            raise ValueError(f"{where}: there is no text of this name")
        try:
            for guard, text in self.texts[key]:
                if guard(**facts):
                    return _tidied(text.render(facts), self.capitals)
        except jinja2.UndefinedError as error:
            raise ValueError(f"{where}: {error}") from error
        raise ValueError(f"{where}: no variant is true; end with one that has no 'when'")

    @jinja2.pass_context
    def _within(self, context: jinja2.runtime.Context, key: str, /, **facts: Any) -> str:
        """Return another text with the facts of the one it stands in."""
        return self(key, **{**context.get_all(), **facts})

    def _each(self, items: Iterable[Mapping[str, Any]], key: str) -> list[str]:
        """Return a text for each item, whose own facts are all it knows."""
        return [self(key, **item) for item in items]


def beside(module: str, capitals: bool = True) -> Sentences:
    """Return the sentences of a module: those of the YAML file that has its name.

    Parameters
    ----------
    module
        The module's ``__file__``.
    capitals
        As in `Sentences`.
    """
    return Sentences(Path(module).with_suffix(".yaml"), capitals)


def _variants(written: str | list[dict[str, str]]) -> list[dict[str, str]]:
    """Return what stands under a key as a list of variants."""
    return [{"say": written}] if isinstance(written, str) else written


def _compiled(language: jinja2.Environment, written: dict[str, str]) -> _Variant:
    """Return one variant in Jinja's form."""
    guard = language.compile_expression(str(written.get("when", "true")), undefined_to_none=False)
    return _Variant(guard, language.from_string(written["say"].replace("~", words.SPACE)))


def _tidied(text: str, capitals: bool) -> str:
    """Return a text without doubled spaces, as a sentence if it ends like one."""
    text = " ".join(part for part in text.split(" ") if part)
    return text[:1].upper() + text[1:] if capitals and text.endswith(".") else text
