"""What is left out of libraries so that a command starts quickly."""

from __future__ import annotations

import sys


def without_address_grammar() -> None:
    """Let notebooks be checked without a check of web addresses.

    nbformat validates a notebook with jsonschema, which prepares a grammar of web addresses if the
    package ``rfc3987_syntax`` is there: more than a second in every process, and no notebook's form
    asks for an address. To Python the package is then not installed. Call it before the first
    import of nbformat.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
