"""The typed manifest of a snapshot: what it holds, and how it was built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict, TypeAdapter, ValidationError

from rag.errors import SnapshotError
from rag.index.place import index_damaged, option, shown
from rag.index.vectors.facts import VectorFacts
from rag.protocols import TextEncoder
from rag.settings import BuildSettings, from_mapping
from rag.text.outside import json_value

READING = "report.json"
"""The file of a snapshot that tells how its articles were read, as JSON; it may be missing."""
FILES = "files.json"
"""The file of a snapshot that tells what each file that was read gave; it may be missing."""
CHANGES = "changes.json"
"""The file of a snapshot that tells what its build changed."""
LEXICAL = "lexical"
"""The folder of a snapshot with its BM25 index and the words that it is made of."""
REMOVED = "removed.json"
"""The file of a snapshot that names the articles that are not to come back."""
KEPT = frozenset({READING, FILES, REMOVED})
# How far the fingerprint may move between machines and precisions.
_PROBE_TOLERANCE = 0.02
# How far it may move on one machine and in one precision.
_NOISE = 0.001


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """The encoder that built an index.

    `probe` is its fingerprint: the first components of the vector of one fixed sentence. Another
    model, or the same one with other weights, gives other numbers.
    """

    name: str
    precision: str
    dimension: int
    probe: tuple[float, ...]

    @classmethod
    def of(cls, encoder: TextEncoder) -> EncoderFacts:
        """Take the facts of an encoder; it encodes one sentence for its fingerprint."""
        vector = encoder.encode_queries(["The quick brown fox jumps over the lazy dog."])[0]
        probe = tuple(round(float(value), 4) for value in vector[:8])
        return cls(encoder.name, encoder.precision, encoder.dimension, probe)

    def is_same_model(self, other: EncoderFacts) -> bool:
        """Whether both are one model, whatever its name, precision and machine."""
        return (self.dimension, len(self.probe)) == (other.dimension, len(other.probe)) and all(
            abs(a - b) <= _PROBE_TOLERANCE for a, b in zip(self.probe, other.probe, strict=True)
        )

    def embeds_as(self, other: EncoderFacts) -> bool:
        """Whether the vectors of both may stand in one index."""
        return (
            (self.name, self.precision) == (other.name, other.precision)
            and self.is_same_model(other)
            and max(abs(a - b) for a, b in zip(self.probe, other.probe, strict=True)) <= _NOISE
        )


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size and SHA-256 of a file of the snapshot."""

    bytes: Annotated[int, Strict(), Field(ge=0)]
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
    vectors: Mapping[str, Any] | None = None
    """Where the vectors are, if not in files: of Milvus, what names the collection."""
    vector_index: VectorFacts = field(default_factory=VectorFacts)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Manifest:
        """Read JSON values. Raises ValueError for anything that is no manifest."""
        try:
            return _ADAPTER.validate_python(values)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise ValueError(f"{place}: {first['msg']}") from None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON values that `parse` reads."""
        values: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return values

    @property
    def build_settings(self) -> BuildSettings:
        """The settings that the index was built with. Raises SettingsError for unknown ones."""
        return from_mapping(BuildSettings, self.settings)

    @property
    def precision(self) -> str:
        """The precision as it was asked for: what is fastest may be another on this machine.
        Raises SettingsError for none that there is."""
        return self.build_settings.precision


_ADAPTER = TypeAdapter(Manifest)


def parse_manifest(home: Path, name: str, data: bytes, expected: Sequence[int]) -> dict[str, Any]:
    """Return the values of a manifest. Raises SnapshotError for another format, and for what is
    none: whoever writes CURRENT can name any file, with its hash."""
    try:
        manifest: dict[str, Any] = json_value(data)
        version = manifest["format_version"]
        if version in expected:
            _FILES.validate_python(manifest["files"])
            return manifest
    except (ValueError, LookupError, TypeError):
        raise index_damaged(home, f"the manifest of snapshot {name} cannot be read") from None
    raise SnapshotError(
        f"The index in {shown(home)} has format {version!r:.40}, this version of Byline reads "
        f"{expected[0]}. Build it again with: byline build ARTICLES {option(home)}"
    )


def _inside(name: str) -> str:
    """The name of a file in the folder of a snapshot. Raises ValueError for one elsewhere."""
    parts = name.split("/")
    if not name.isprintable() or "\\" in name or ":" in name or {"", ".", ".."} & set(parts):
        raise ValueError("it lies elsewhere")
    return name


_FILES = TypeAdapter(dict[Annotated[str, Strict(), AfterValidator(_inside)], FileFacts])
