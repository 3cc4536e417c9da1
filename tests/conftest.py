"""What the tests share: a fake encoder whose scores can be worked out, and the real things."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import lorries
import pytest
from fakes import FakeEncoder
from hypothesis import settings

from rag import Archive, Article, AskSettings, read_articles
from rag.evaluation.runs.plan import Plan
from rag.models.encoder import Encoder
from rag.protocols import TextEncoder

pytest_plugins = ["marks"]

BUNDLED = Path(__file__).parent.parent / "index" / "articles"

# Two shared cores: a slow example is no failure, and no test may depend on chance.
settings.register_profile("byline", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("byline")


@pytest.fixture(scope="session", autouse=True)
def unsynced() -> Iterator[None]:
    """No test cuts the power: none waits until what it wrote is on the disk, as each index does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="session")
def fake_encoder() -> TextEncoder:
    return FakeEncoder()


@pytest.fixture(scope="session")
def opened(fake_encoder: TextEncoder) -> Callable[..., Archive]:
    """Open an index that the fake encoder built: without a reader, and answering whatever is
    asked, but for the settings given."""

    def opened(home: Path, **settings: object) -> Archive:
        chosen = {"reader": "", "threshold": 0} | settings
        return Archive.open(home, AskSettings(**chosen), fake_encoder)

    return opened


@pytest.fixture(scope="session")
def models() -> None:
    """Says of a test, or of a fixture that it uses, that it runs a real model; see marks."""


@pytest.fixture(scope="session")
def encoder(models: None) -> Encoder:
    """The default encoder, in the precision that gives the same vectors on every machine."""
    return Encoder("all-MiniLM-L6-v2", "float32")


@pytest.fixture(scope="session")
def articles() -> list[Article]:
    """The bundled articles."""
    return list(read_articles(BUNDLED))


@pytest.fixture(scope="session")
def archive(
    articles: list[Article], encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Archive:
    """The bundled articles, indexed with the real encoder and read by the real reader."""
    return Archive.build(articles, tmp_path_factory.mktemp("archive"), encoder=encoder)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a small data set."""
    return lorries.write(tmp_path / "data")


@pytest.fixture
def plan(data: Path, tmp_path: Path) -> Plan:
    """The plan of a run over it."""
    return Plan("byline", data, tmp_path / "out", index=tmp_path / "index")
