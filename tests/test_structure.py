"""The one-way rule of the imports, and the names that users' scripts rely on."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag

FOLDER = Path(rag.__file__).parent

# From the ground up: a package may import those of lower rows, and none of its own row. The face
# `rag` itself names the public ones and is left out.
LAYERS = (
    {"types"},
    {"errors", "wording", "text"},
    {"settings", "protocols", "progress", "citation"},
    {"arguments", "question", "models", "index", "ingest", "discover", "export"},
    {"retrieval", "answer", "generation", "pack"},
    {"pipeline"},
    {"archive"},
    {"chat", "evaluation"},
    {"web", "commands"},
    {"__main__"},
)
LAYER = {name: level for level, names in enumerate(LAYERS) for name in names}
PUBLIC = {
    "Answer", "Archive", "Article", "AskSettings", "BuildSettings", "BylineError", "Citation",
    "Claim", "Hit", "Passage", "read_articles",
}  # fmt: skip


def _imported(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever in it they stand."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module(path: Path) -> str:
    """The module of rag that a file belongs to: "ingest" for all of ingest/."""
    return path.relative_to(FOLDER).parts[0].removesuffix(".py")


FILES = sorted(path for path in FOLDER.rglob("*.py") if path != FOLDER / "__init__.py")
IMPORTS = {path: set(_imported(path)) for path in FILES}


def _ours(path: Path) -> set[str]:
    """The modules of rag that a file imports; a public name counts as the module it lives in."""
    found = set()
    for name in IMPORTS[path]:
        package, _, rest = name.partition(".")
        if package == "rag" and rest:
            home = rag._HOME.get(rest, name)
            found.add(home.split(".")[1])
    return found


def test_the_layers_fit_on_a_screen():
    assert len(LAYERS) <= 10
    assert len(LAYER) <= 26


def test_every_module_has_its_layer():
    assert {_module(path) for path in FILES} == set(LAYER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_imports_run_one_way(path):
    name = _module(path)
    others = _ours(path) - {name}
    assert {other for other in others if LAYER[other] >= LAYER[name]} == set()


def test_the_ground_imports_nothing_of_ours():
    for path in FOLDER.glob("types/*.py"):
        assert _ours(path) <= {"types"}


@pytest.mark.parametrize(
    ("package", "homes"),
    [
        ("faiss", {"index"}),
        ("datasketch", {"index"}),
        ("pymilvus", {"index"}),
        ("sqlite3", {"index"}),
        ("openvino", {"models"}),
        ("tokenizers", {"models"}),
        ("torch", {"models"}),
        ("transformers", {"models", "evaluation"}),
        ("sentence_transformers", {"models"}),
        ("httpx", {"models"}),
        ("ray", {"archive"}),
        ("xllamacpp", {"models"}),
        ("pypdf", {"ingest"}),
        ("pypdfium2", {"ingest"}),
        ("rapidocr", {"ingest"}),
        ("trafilatura", {"ingest"}),
        ("lxml", {"ingest"}),
        ("docx", {"ingest", "export"}),
        ("feedparser", {"ingest"}),
        ("striprtf", {"ingest"}),
        ("warcio", {"ingest"}),
        ("watchdog", {"ingest"}),
        ("webvtt", {"ingest"}),
        ("gradio", {"web"}),
        ("safehttpx", {"web"}),
        ("starlette", {"web"}),
    ],
)
def test_only_its_home_knows_a_package(package, homes):
    users = {_module(path) for path in FILES if package in _packages(path)}
    assert users == homes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_rag_does_not_know_its_users(path):
    assert _packages(path).isdisjoint({"eval", "app", "tests"})


@pytest.mark.process
def test_only_serving_imports_gradio():
    """`python -m rag` and `import rag` do without the package of the web chat."""
    importing = {_module(path) for path in FILES if "web" in _ours(path)}
    assert importing == {"web", "__main__"}
    command = "import sys, rag.__main__, rag.archive, rag.chat.service; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", command], cwd=FOLDER.parent, capture_output=True, text=True,
        check=True,
    ).stdout.split()  # fmt: skip
    assert "rag.chat.service" in loaded
    assert {"gradio", "rag.web"}.isdisjoint(loaded)


def _packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in IMPORTS[path]}


@pytest.mark.parametrize("folder", [FOLDER, FOLDER.parent / "eval"], ids=["rag", "eval"])
def test_modules_classes_and_functions_are_short(folder):
    """At most 400 lines, 300 and 45, with decorators, signature and docstring."""
    long = []
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text("utf-8")
        tree = ast.parse(source)
        found = [("", 400, len(source.splitlines()))]
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                most = 300 if isinstance(node, ast.ClassDef) else 45
                found.append((node.name, most, (node.end_lineno or first) - first + 1))
        long += [(path.name, name, lines) for name, most, lines in found if lines > most]
    assert long == []


def test_the_public_names():
    assert set(rag.__all__) == PUBLIC
    assert list(rag.__all__) == sorted(rag.__all__)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_can_be_imported(name):
    assert getattr(rag, name).__name__ == name


def test_a_name_that_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'Archives'"):
        rag.Archives  # noqa: B018
