"""Packages that only the measures need, imported when they are."""

from __future__ import annotations

import importlib
from typing import Any

from rag.errors import BylineError


def require(module: str) -> Any:
    """Import a module of the `eval` extra. Raises BylineError with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BylineError(
            f"This measure needs a package that is not installed ({error}). "
            "Run: pip install 'byline[eval]'"
        ) from error
