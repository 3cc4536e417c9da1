"""The one-way rule of the imports, and the names that users' scripts rely on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag

FOLDER = Path(rag.__file__).parent

# From the ground up: a module may import those of lower layers, and none of its own. The face
# `rag` itself names the public ones and is left out.
LAYERS = (
    {"types", "errors", "schema"},
    {
        "access",
        "settings",
        "sentences",
        "words",
        "dates",
        "snapshot",
        "cite",
        "progress",
        "record",
        "relative",
        "wording",
    },
    {
        "kinds",
        "mentions",
        "rerank",
        "evidence",
        "figures",
        "speakers",
        "orders",
        "polarity",
        "reference",
        "conversation",
    },
    {
        "ingest",
        "chunk",
        "copies",
        "embed",
        "reader",
        "store",
        "lexical",
        "question",
        "extract",
        "context",
        "accounts",
        "about",
        "render",
        "entailment",
        "facts",
        "generate",
        "prompt",
        "feedback",
    },
    {"joint", "variants"},
    {"build", "retrieve", "checks", "markdown", "pack", "cast"},
    {"verify", "story"},
    {"answer", "writing", "forms"},
    {"examples"},
    {"explore"},
    {"archive"},
    {"collection"},
    {"service"},
    {"view"},
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


def test_every_module_has_its_layer():
    assert {_module(path) for path in FILES} == set(LAYER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_imports_run_one_way(path):
    name = _module(path)
    others = _ours(path) - {name}
    assert {other for other in others if LAYER[other] >= LAYER[name]} == set()


@pytest.mark.parametrize("name", ["types", "errors"])
def test_the_ground_imports_nothing_of_ours(name):
    assert _ours(FOLDER / f"{name}.py") == set()


@pytest.mark.parametrize(
    ("package", "homes"),
    [
        ("faiss", {"store"}),
        ("bm25s", {"lexical"}),
        ("datasketch", {"copies"}),
        ("sqlite3", {"store"}),
        ("torch", {"embed", "reader"}),
        ("transformers", {"embed", "reader"}),
        ("sentence_transformers", {"embed", "rerank"}),
        ("httpx", {"generate"}),
        ("xllamacpp", {"generate"}),
        ("pypdf", {"ingest"}),
        ("trafilatura", {"ingest"}),
        ("lxml", {"ingest"}),
    ],
)
def test_only_its_home_knows_a_package(package, homes):
    users = {_module(path) for path in FILES if package in _packages(path)}
    assert users == homes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_rag_knows_neither_its_users_nor_gradio(path):
    assert _packages(path).isdisjoint({"eval", "app", "gradio", "tests"})


def _packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in IMPORTS[path]}


def test_the_public_names():
    assert set(rag.__all__) == PUBLIC
    assert list(rag.__all__) == sorted(rag.__all__)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_can_be_imported(name):
    assert getattr(rag, name).__name__ == name


def test_a_name_that_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'Archives'"):
        rag.Archives  # noqa: B018
