"""The files in ``config/``: read, and checked against what may stand in them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import fastjsonschema
import yaml

from har_utils import files

KINDS = ("candidates", "needs", "notebooks", "others", "pairs", "published")
"""Files with a form of their own; every other one is a profile."""


class ConfigurationError(ValueError):
    """A file in ``config/`` with a slip; the message is one line: file, place, what is expected."""


def read(path: Path, kind: str | None = None) -> Any:
    """Read a file of ``config/``.

    Parameters
    ----------
    path
        The file.
    kind
        One of `KINDS`, or "profile"; None tells it from the file's name.

    Returns
    -------
    dict or list
        What the file holds.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ConfigurationError
        If it is not YAML, or a key is missing, unknown, or has another type of value.
    """
    content = parse(path)
    kind = kind or (path.stem if path.stem in KINDS else "profile")
    try:
        return fastjsonschema.compile(_schemas()[kind], use_default=False)(content)
    except fastjsonschema.JsonSchemaValueException as error:
        place = ".".join(map(str, error.path[1:])) or "the whole file"
        raise ConfigurationError(f"{files.shown(path)}, {place}: {_expected(error)}") from None


def known(kind: str) -> set[str]:
    """Return the keys that a kind of file has by itself."""
    return set(_schemas()[kind]["properties"])


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    """Return the form of each kind of file."""
    text = resources.files("har_utils").joinpath("configuration.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def parse(path: Path) -> Any:
    """Return what a YAML file holds, in which no key stands twice.

    Raises
    ------
    ConfigurationError
        If it is not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        problem = " ".join(str(error.problem or error.context).split())
        raise ConfigurationError(f"{files.shown(path)}{line}: not YAML: {problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())[:100]
        raise ConfigurationError(f"{files.shown(path)}: not YAML: {problem}") from None


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Return a mapping as a dict."""
        own = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = next((key for key in own if own.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice} stands there twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def _expected(error: fastjsonschema.JsonSchemaValueException) -> str:
    """Return in one line what was expected where a value does not fit."""
    found = repr(error.value)
    found = found if len(found) <= 40 else f"{found[:37]}..."
    rule = error.rule_definition
    said = {
        "type": f"{found} instead of {_TYPES.get(str(rule), rule)}",
        "enum": f"{found} instead of one of {rule}",
        "minimum": f"{found} instead of {rule} or more",
        "exclusiveMinimum": f"{found} instead of more than {rule}",
        "maximum": f"{found} instead of {rule} or less",
        "minLength": "a text of no letters",
        "minItems": f"{found} instead of {rule} entries",
        "maxItems": f"{found} instead of {rule} entries",
        "pattern": f"{found} does not have the form {rule}",
    }
    if error.rule == "required":
        return f"{', '.join(name for name in rule if name not in error.value)} is missing"
    if error.rule == "additionalProperties":
        known = error.definition.get("properties", {})
        return f"no such key: {', '.join(str(name) for name in error.value if name not in known)}"
    return said[str(error.rule)]


_TYPES = {
    "object": "keys with values",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
}
"""What JSON Schema calls the types of values, in words."""
