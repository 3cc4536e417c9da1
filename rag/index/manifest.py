"""The typed manifest of a snapshot: what it holds, and how it was built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rag.settings import BuildSettings, from_mapping


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """The encoder that built an index; `probe` is its fingerprint (see `rag.models.encoder`)."""

    name: str
    precision: str
    dimension: int
    probe: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size and SHA-256 of a file of the snapshot."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a snapshot. `settings` are the build settings as they were stored."""

    format_version: int
    snapshot: str
    articles: int
    passages: int
    articles_sha256: str
    encoder: EncoderFacts
    settings: Mapping[str, Any]
    files: Mapping[str, FileFacts]

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Manifest:
        """Read JSON values. Raises ValueError for anything that is no manifest."""
        try:
            return _ADAPTER.validate_python(values)
        except ValidationError as error:
            raise ValueError(str(error.errors()[0]["msg"])) from None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON values that `parse` reads."""
        values: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return values

    @property
    def build_settings(self) -> BuildSettings:
        """The settings that the index was built with. Raises SettingsError for unknown ones."""
        return from_mapping(BuildSettings, self.settings)


_ADAPTER = TypeAdapter(Manifest)
