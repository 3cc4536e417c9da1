"""A tiny language model, and llama.cpp's server with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_gguf
import xllamacpp


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, models: None) -> Path:
    return tiny_gguf.make(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="session")
def tiny_server(tiny: Path) -> Iterator[str]:
    """The address of a llama.cpp server that another program could run: no key."""
    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.verbosity, params.ui = str(tiny), 2048, -1, False
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server  # It runs as long as it is referred to.
