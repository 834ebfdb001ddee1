"""Digests of code, to notice that what made a file has changed since."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path


class _WithoutText(ast.NodeTransformer):
    """Drops docstrings: statements that are nothing but a string."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Keep a statement unless it is only a string."""
        value = node.value
        is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
        return None if is_text else node


def code_digest(modules: Iterable[str]) -> str:
    """Return the SHA-256 of what modules do: their syntax without docstrings and comments.

    Parameters
    ----------
    modules : iterable of str
        Names of modules or packages in this package, for example ``("training", "metrics")``.

    Returns
    -------
    str
        Hexadecimal.
    """
    digest = hashlib.sha256()
    for name in sorted(modules):
        for part, source in _sources(name):
            digest.update(f"{part}\n{_syntax(source, source.stat().st_mtime_ns)}\n".encode())
    return digest.hexdigest()


@cache
def _syntax(source: Path, changed: int) -> str:
    """Return a module without docstrings and comments, looking into each state of it once."""
    return ast.unparse(_WithoutText().visit(ast.parse(source.read_text(encoding="utf-8"))))


def _sources(name: str) -> list[tuple[str, Path]]:
    """Return the name and file of a module, or of all modules of a package, in their order."""
    spec = importlib.util.find_spec(f"har_utils.{name}")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"har_utils has no module {name!r}")
    origin = Path(spec.origin)
    if spec.submodule_search_locations is None:
        return [(name, origin)]
    return [(f"{name}.{path.stem}", path) for path in sorted(origin.parent.glob("*.py"))]
