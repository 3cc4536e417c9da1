"""Reads files into JSON records whose fields are checked as they are read.

Owns bytes, gzip, UTF-8 and the messages that name a file and a line. Knows nothing of questions.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.ingest.encoding import unfit

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Record:
    """A JSON object and its place in a file; `remedy` ends each of its error messages."""

    where: str
    remedy: str
    values: dict[str, Any]

    def error(self, problem: str) -> InputError:
        return InputError(f"{self.where}: {problem}. {self.remedy}")

    def text(self, name: str, default: str | None = None) -> str:
        """A field that holds a string; without `default` it must be there and not be blank."""
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        value = self._typed(name, str, "a string")
        if default is None and not value.strip():
            raise self.error(f"the field {name!r} is empty")
        if problem := unfit(value):
            raise self.error(f"the field {name!r} {problem}")
        return str(value)

    def flag(self, name: str, default: bool) -> bool:
        """A field that holds true or false, or nothing."""
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise self.error(f"the field {name!r} is neither true nor false")
        return value

    def number(self, name: str) -> int:
        return int(self._typed(name, int, "a whole number"))

    def real(self, name: str, default: float) -> float:
        """A field that holds a finite number, or nothing."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(f"the field {name!r} is not a number")
        if not math.isfinite(value):
            raise self.error(f"the field {name!r} is not a finite number")
        return float(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        items = self._typed(name, list, "a list")
        if not all(isinstance(item, str) and not unfit(item) for item in items):
            raise self.error(f"the field {name!r} holds what is no string")
        return tuple(items)

    def objects(self, name: str, called: str) -> list[Record]:
        """The objects of a list; `called` names one of them in messages."""
        items = self._typed(name, list, "a list")
        return [
            _record(f"{self.where} {called} {number}", self.remedy, item)
            for number, item in enumerate(items, start=1)
        ]

    def _typed(self, name: str, kind: type, said: str) -> Any:
        if name not in self.values:
            raise self.error(f"the field {name!r} is missing")
        value = self.values[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.error(f"the field {name!r} is not {said}")
        return value


@dataclass
class Files:
    """Reads the files of one data set, and knows the hash of all that it read."""

    _hashes: list[str] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        return hashlib.sha256("\n".join(sorted(self._hashes)).encode()).hexdigest()

    def text(self, path: Path) -> str:
        """A file's text; one that ends in .gz is unpacked."""
        try:
            data = path.read_bytes()
            if path.suffix == ".gz" and not data.startswith(_GZIP):
                raise InputError(f"{path} is no gzip file. Take .gz from its name, or pack it.")
            self._hashes.append(hashlib.sha256(data).hexdigest())
            return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path} is not UTF-8 (at byte {error.start}). Save it as UTF-8."
            ) from None
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InputError(
                f"{path} is a damaged gzip file ({error}). Download or copy it again."
            ) from None
        except IsADirectoryError:
            raise InputError(f"{path} is a folder. Name the file in it.") from None
        except OSError as error:
            raise InputError(
                f"{path} cannot be read ({error.strerror or error}). Name a file that can."
            ) from None

    def records(self, path: Path, remedy: str) -> Iterator[Record]:
        """The records of a JSON Lines file, or of a .json file that holds one array."""
        text = self.text(path)
        if ".jsonl" not in path.suffixes:
            items = _parse(str(path), text, remedy)
            if not isinstance(items, list):
                raise InputError(f"{path}: not a JSON array of objects. {remedy}")
            for number, item in enumerate(items, start=1):
                yield _record(f"{path} item {number}", remedy, item)
            return
        # Not splitlines: JSON text may hold line separators that end no line of the file.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                where = f"{path} line {number}"
                yield _record(where, remedy, _parse(where, line, remedy))

    def whole(self, path: Path, remedy: str) -> Record:
        """The one JSON object that a file holds."""
        return _record(str(path), remedy, _parse(str(path), self.text(path), remedy))


def _parse(where: str, text: str, remedy: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f" at line {error.lineno}" if error.lineno > 1 else ""
        raise InputError(f"{where}: broken JSON ({error.msg}{at}). {remedy}") from None
    except (ValueError, RecursionError):
        raise InputError(
            f"{where}: broken JSON (too deeply nested or too large a number). {remedy}"
        ) from None


def _record(where: str, remedy: str, value: Any) -> Record:
    if not isinstance(value, dict):
        raise InputError(f"{where}: not a JSON object. {remedy}")
    return Record(where, remedy, value)
