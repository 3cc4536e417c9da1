"""NumPy arrays in files, memory-mapped: what is read of them is read when it is needed, and what
others make of such a file is checked for its type and shape before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.types import Rows


def mapped(path: Path, kind: npt.DTypeLike, dimensions: int) -> npt.NDArray[Any]:
    """Open an array to read. Raises OSError or ValueError for a file that holds no such array."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # Of an altered header NumPy may make anything.
        raise ValueError(f"{path.name} holds no array") from error
    if not isinstance(array, np.memmap) or not array.flags.c_contiguous:
        raise ValueError(f"{path.name} holds no plain array")
    if array.dtype != np.dtype(kind).newbyteorder("<") or array.ndim != dimensions:
        raise ValueError(f"{path.name} holds an array of another kind")
    return array.view(np.ndarray)  # Of every part that is taken, a memmap would make a new one.


def new(path: Path, kind: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Make a file for an array of this shape, and return the array to fill."""
    if 0 in shape:  # No memory can be mapped for nothing.
        np.save(path, np.empty(shape, np.dtype(kind).newbyteorder("<")), allow_pickle=False)
        return np.empty(shape, kind)
    made = np.lib.format.open_memmap(
        path, mode="w+", dtype=np.dtype(kind).newbyteorder("<"), shape=shape, version=(1, 0)
    )
    return made.view(np.ndarray)


def spread(starts: Rows, lengths: Rows) -> Rows:
    """Return the numbers from each start on, as many as its length, one range after the other."""
    ends = np.cumsum(lengths)
    found: Rows = np.arange(lengths.sum()) + np.repeat(starts - (ends - lengths), lengths)
    return found


class Appended:
    """An array of one dimension that is written to a file as it comes."""

    def __init__(self, path: Path, kind: npt.DTypeLike) -> None:
        self._kind = np.dtype(kind).newbyteorder("<")
        self._file = path.open("xb")
        self._count = 0
        self._write_header()

    def __len__(self) -> int:
        return self._count

    def add(self, values: npt.ArrayLike) -> None:
        array = np.asarray(values, self._kind)
        self._file.write(array.tobytes())
        self._count += len(array)

    def close(self) -> None:
        with self._file:
            self._file.seek(0)
            self._write_header()  # As long as the first: NumPy leaves room for the count to grow.

    def _write_header(self) -> None:
        facts = {"descr": self._kind.str, "fortran_order": False, "shape": (self._count,)}
        np.lib.format.write_array_header_1_0(self._file, facts)
