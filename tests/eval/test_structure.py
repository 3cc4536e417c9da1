"""The one-way rule of the imports of eval, as `tests/test_structure.py` has it for rag."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import eval as measures

FOLDER = Path(measures.__file__).parent

# From the ground up: a package may import those of lower rows, and none of its own row.
LAYERS = (
    {"datasets", "runs", "train"},
    {"retrieval", "answers", "pages"},
    {"browse", "generation", "load", "precision", "reading", "scale", "speed", "store", "update"},
    {"trust"},
    {"arguments"},
    {"__main__"},
)
LAYER = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = sorted(path for path in FOLDER.rglob("*.py") if path != FOLDER / "__init__.py")


def _imported(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _package(path: Path) -> str:
    """The package, or the module at the top, that a file belongs to."""
    return path.relative_to(FOLDER).parts[0].removesuffix(".py")


def _module(path: Path) -> str:
    parts = ("eval", *path.relative_to(FOLDER).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {_module(path): path for path in FILES}


def _modules_of(path: Path) -> set[str]:
    """The modules of eval that a file imports, itself left out."""
    names = [name for name in _imported(path) if name.startswith("eval.")]
    found = {name if name in MODULES else name.rpartition(".")[0] for name in names}
    assert found <= set(MODULES), f"{path} imports what is not there: {found - set(MODULES)}"
    return found - {_module(path)}


def test_every_package_has_its_row():
    assert {_package(path) for path in FILES} == set(LAYER)


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_imports_run_one_way(path):
    own = _package(path)
    others = {name.split(".")[1] for name in _modules_of(path)} - {own}
    assert {other for other in others if LAYER[other] >= LAYER[own]} == set()


def test_no_module_imports_itself_through_others():
    left = {name: _modules_of(path) for name, path in MODULES.items()}
    while ready := [name for name, needed in left.items() if not needed & set(left)]:
        for name in ready:
            del left[name]
    assert left == {}, "these import each other"


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_modules_go_by_their_names(path):
    """A module that is imported under another name has the wrong one."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("eval"):
            assert [alias.name for alias in node.names if alias.asname] == []


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_sizes(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    limits = {ast.FunctionDef: 45, ast.AsyncFunctionDef: 45, ast.ClassDef: 300}
    for node in ast.walk(ast.parse(text)):
        if limit := limits.get(type(node)):
            assert node.end_lineno - node.lineno + 1 <= limit, node.name
