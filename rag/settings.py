"""Every choice that changes a result, in two frozen objects: build-time and ask-time.

Build-time settings are recorded in the snapshot; ask-time settings may change from one opening
to the next. Knows nothing of the environment.
"""

from __future__ import annotations

import argparse
import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from rag.errors import SettingsError

AUTO = "auto"
PRECISIONS = (AUTO, "float32", "bfloat16", "int8")
VECTORS = (AUTO, "flat", "ivf")
_BOOLEANS = {"true": True, "false": False, True: True, False: False}


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What a snapshot is built with.

    `encoder`: a sentence-transformers model by name or path. `precision`, in which passages are
    embedded, and read for answers: "float32", "bfloat16", "int8", or "auto" (the fastest that the
    processor has instructions for; their effect on search and answers was measured).
    `passage_tokens`: encoder tokens of a passage with its heading and the special tokens.
    `heading_tokens`: at most so many of them go to title, source and date. `vectors`: the kind of
    vector index: "flat" (exact, in memory), "ivf" (approximate, compressed and memory-mapped), or
    "auto" (by the number of passages).
    """

    encoder: str = "all-MiniLM-L6-v2"
    precision: str = "auto"
    passage_tokens: int = 256
    heading_tokens: int = 48
    vectors: str = AUTO

    def __post_init__(self) -> None:
        for name, known in (("precision", PRECISIONS), ("vectors", VECTORS)):
            value = getattr(self, name)
            if value not in known:
                raise SettingsError(f"{name} is one of {', '.join(known)}, not {value!r}.")
        _within("heading_tokens", self.heading_tokens, 0, 512)
        _within("passage_tokens", self.passage_tokens, self.heading_tokens + 16, 100_000)


@dataclass(frozen=True, slots=True)
class AskSettings:
    """How questions are answered.

    `dense_weight` and `sentence_weight`: shares of the vector score and of the best sentence's
    BM25 in the evidence of a passage, its own BM25 has the rest. `part_weight`: share of the best
    part's evidence in the score, the whole question's has the rest. `lift`: what a passage gains
    that comes from a source, or from a time, that the question names; twice for both. `diversity`:
    how much less a part counts after a passage that serves it, 0 to 1. `candidates`: passages
    that are scored in full. `reranker`: a sentence-transformers CrossEncoder, by name or path,
    that puts the first `rerank_passages` in order; none by default. `read_passages`: hits whose
    sentences are read for an answer. `reader`: the model that reads them: "byline" for its own, an
    extractive question-answering model or a CrossEncoder by name or path, or "" for the encoder's
    vectors alone. `evidence`: a file that
    `python -m eval calibrate` made; the bundled one by default. `max_sentences`: sentences an
    answer may have, beside accounts that differ. `threshold`: confidence below which a question
    stays unanswered.

    `encoder`: by name or path, an encoder that indexes may have been built with, if not by the one
    that comes with Byline. `allow_download`: whether any that an index names is loaded, from a
    model hub or a folder: an index may be from anybody.

    `model`: the language model that writes answers, checked against the passages: a GGUF file, the
    address of an OpenAI-compatible server (http://127.0.0.1:11434/v1#NAME), or a file on a model
    hub (hf://OWNER/NAME/FILE.gguf); none by default. `allow_remote`: whether the address may be
    another machine's, to which article text is then sent. `context_tokens`: tokens that prompt and
    answer may have together, where the model allows so many. `prompt_passages`: passages that it
    is shown. `model_timeout`: seconds it may take for an answer. `support`: mean of the cosine of a
    written sentence and its quotes and of the share of its words there, below which it is not
    supported. `entailment`: a natural-language-inference CrossEncoder, by
    name or path, that must agree too; none by default.
    """

    dense_weight: float = 0.4
    sentence_weight: float = 0.2
    part_weight: float = 0.8
    lift: float = 0.2
    diversity: float = 0.17
    candidates: int = 100
    reranker: str = ""
    rerank_passages: int = 20
    read_passages: int = 8
    reader: str = "byline"
    evidence: str = ""
    max_sentences: int = 3
    threshold: float = 0.12
    model: str = ""
    allow_remote: bool = False
    context_tokens: int = 4096
    prompt_passages: int = 4
    model_timeout: float = 120.0
    support: float = 0.66
    entailment: str = ""
    encoder: str = ""
    allow_download: bool = False

    def __post_init__(self) -> None:
        _within("dense_weight", self.dense_weight, 0, 1)
        _within("sentence_weight", self.sentence_weight, 0, 1)
        both = self.dense_weight + self.sentence_weight
        _within("dense_weight + sentence_weight", both, 0, 1)
        _within("part_weight", self.part_weight, 0, 1)
        _within("lift", self.lift, 0, 1)
        _within("diversity", self.diversity, 0, 1)
        _within("candidates", self.candidates, 1, 10_000)
        _within("rerank_passages", self.rerank_passages, 1, 1_000)
        _within("read_passages", self.read_passages, 1, 1_000)
        _within("max_sentences", self.max_sentences, 1, 3)
        _within("threshold", self.threshold, 0, 1)
        _within("context_tokens", self.context_tokens, 512, 1_000_000)
        _within("prompt_passages", self.prompt_passages, 1, 100)
        _within("model_timeout", self.model_timeout, 1, 86_400)
        _within("support", self.support, 0, 1)


S = TypeVar("S")


def from_mapping(kind: type[S], values: Mapping[str, Any]) -> S:
    """Make settings from names and values; text values are converted to the field's type.

    Raises SettingsError for an unknown name or a value that does not fit.
    """
    types: dict[str, type] = {
        field.name: type(field.default)
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]
    }
    converted = {}
    for name, value in values.items():
        if name not in types:
            near = difflib.get_close_matches(name, types, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known are: {', '.join(types)}."
            raise SettingsError(f"There is no setting {name!r}. {hint}")
        try:
            converted[name] = _BOOLEANS[value] if types[name] is bool else types[name](value)
        except (KeyError, TypeError, ValueError):
            raise SettingsError(
                f"Setting {name!r} takes {types[name].__name__}, not {value!r}."
            ) from None
    return kind(**converted)


def assignment(text: str) -> tuple[str, str]:
    """Split NAME=VALUE, as an argument parser's `type`. Raises ArgumentTypeError without a "="."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"write NAME=VALUE, not {text!r}")
    return name.strip(), value.strip()


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SettingsError(f"Setting {name!r} must lie between {low} and {high}, not {value}.")
