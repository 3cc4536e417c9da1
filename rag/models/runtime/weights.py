"""Weights of a network, read from the file of safetensors beside its configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy.typing as npt
from safetensors import safe_open

FILE = "model.safetensors"


class WeightsFile(Mapping[str, npt.NDArray[Any]]):
    """The weights of a folder whose names begin with `prefix`, under their names without it.

    Each is read when it is asked for, so that the whole file is never held beside the network
    that is made of it. Raises OSError or SafetensorError for a file that is missing or damaged.
    """

    def __init__(self, folder: Path, prefix: str = "") -> None:
        self._file = cast(Any, safe_open(folder / FILE, framework="numpy"))
        self._prefix = prefix
        names = self._file.keys()
        self._names = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        if name not in self._names:
            raise KeyError(name)
        return self._file.get_tensor(self._prefix + name)  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
