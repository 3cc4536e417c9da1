"""Weights of a network, read from the file of safetensors beside its configuration."""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from rag.text.outside import json_value

FILE = "model.safetensors"
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8"}


class WeightsFile(Mapping[str, npt.NDArray[Any]]):
    """The weights of a folder whose names begin with `prefix`, under their names without it.

    They are views of the file, which is mapped: what is read of it comes into memory, until it is
    released. Raises OSError, ValueError or SafetensorError for a file that is missing or damaged.
    """

    def __init__(self, folder: Path, prefix: str = "") -> None:
        path = folder / FILE
        with safe_open(path, framework="numpy"):  # It checks that all is there.
            pass
        with path.open("rb") as file:
            # Writable, as OpenVINO asks for, but never written to: it would not reach the file.
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        length = int.from_bytes(self._file[:8], "little")
        self._first = 8 + length
        told = json_value(self._file[8 : self._first])
        self._told = {
            name.removeprefix(prefix): tensor
            for name, tensor in told.items()
            if name.startswith(prefix) and name != "__metadata__"
        }

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        told = self._told[name]
        if told["dtype"] not in _TYPES:
            raise ValueError(f"its weights are {told['dtype']}")
        start, shape = self._first + told["data_offsets"][0], tuple(told["shape"])
        kind = np.dtype(_TYPES[told["dtype"]])
        return np.frombuffer(self._file, kind, math.prod(shape), start).reshape(shape)

    def release(self) -> None:
        """Let go of what was read, where the system can: it is read again when it is needed."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._file.madvise(mmap.MADV_DONTNEED)

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)
