"""The stores that the suite runs on: a folder, milvus-lite, and a server of Milvus where one is
named: BYLINE_MILVUS is its address, as http://127.0.0.1:19530 (docs/development.md)."""

from __future__ import annotations

import itertools
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
import pytest

from rag import Archive, Article

SERVER = os.environ.get("BYLINE_MILVUS", "")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the session's own, in place of the user's."""
    path = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_path", lambda *_: path)
        yield path


@pytest.fixture(scope="session", params=["folder", "lite", "server"])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "server" and not SERVER:
        pytest.skip("BYLINE_MILVUS names no server")
    return request.param


@pytest.fixture(scope="session")
def address(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Names a new, empty archive of this kind each time."""
    home, numbers = tmp_path_factory.mktemp("stores"), itertools.count()
    run = f"byline_test_{uuid.uuid4().hex[:8]}"

    def new() -> str:
        name = f"{run}_{next(numbers)}"
        return {
            "folder": str(home / name),
            "lite": str(home / f"{name}.db"),
            "server": f"milvus+{SERVER}/{name}",
        }[kind]

    yield new
    if kind == "server":
        drop_all(run)


def drop_all(start: str) -> None:
    """Drop the collections of a run from the server, with what points at them."""
    from pymilvus import MilvusClient

    client = MilvusClient(SERVER)
    for name in client.list_collections():
        if name.startswith(start):
            for alias in client.list_aliases(name).get("aliases", []):
                client.drop_alias(alias)
            client.drop_collection(name)
    client.close()


@pytest.fixture(scope="session")
def stored(
    kind: str, archive: Archive, articles: list[Article], address: Callable[[], str]
) -> Archive:
    """The bundled articles in this kind of store, indexed with the real encoder; milvus-lite finds
    passages by their words, as a newer server would."""
    if kind == "folder":
        return archive
    where = f"{address()}?words=sparse" if kind == "lite" else address()
    return Archive.build(articles, where, encoder=archive.load_encoder())
