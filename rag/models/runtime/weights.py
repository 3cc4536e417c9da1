"""Weights of a network, read from the file of safetensors beside its configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from rag.text.outside import json_value

FILE = "model.safetensors"
_TYPES = {"F32": "<f4", "F16": "<f2"}


class WeightsFile(Mapping[str, npt.NDArray[Any]]):
    """The weights of a folder whose names begin with `prefix`, under their names without it.

    Each is read when it is asked for, so that the whole file is never held beside the network
    that is made of it. Raises OSError or SafetensorError for a file that is missing or damaged.
    """

    def __init__(self, folder: Path, prefix: str = "") -> None:
        self._path = folder / FILE
        self._prefix = prefix
        with self._open() as file:
            names = file.keys()
        self._names = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        if name not in self._names:
            raise KeyError(name)
        with self._open() as file:  # What stays open stays in memory.
            return file.get_tensor(self._prefix + name)  # type: ignore[no-any-return]

    def mapped(self, name: str) -> npt.NDArray[Any]:
        """A weight as it stands in the file, of which only those rows come into memory that are
        read. It outlives this object. Raises KeyError when it is missing."""
        if name not in self._names:
            raise KeyError(name)
        with self._path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            told = json_value(file.read(length))[self._prefix + name]
        if told["dtype"] not in _TYPES:
            return self[name]
        start = 8 + length + told["data_offsets"][0]
        kind, shape = _TYPES[told["dtype"]], tuple(told["shape"])
        return np.memmap(self._path, kind, "r", start, shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _open(self) -> Any:
        return safe_open(self._path, framework="numpy")
