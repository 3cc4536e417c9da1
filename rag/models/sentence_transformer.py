"""A sentence-transformers model of any kind, run by torch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import EncoderError, first_line
from rag.models.sentence_model import Tokenised, TokenVectors
from rag.models.weights import no_progress_bar
from rag.types import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 32


class SentenceTransformerModel:
    """A sentence-transformers model by name or folder; implements `SentenceModel`.

    Raises EncoderError when it cannot be loaded.
    """

    def __init__(self, name: str, location: Path | str, precision: str) -> None:
        import torch

        self._model = _load(name, location)
        known = {"auto": _native_precision(self._model.device.type), "int8": "float32"}
        self.precision = known.get(precision, precision)
        self._model.to(getattr(torch, self.precision)).eval()
        self._tokenizer = self._model.tokenizer
        # A tokenizer keeps how it pads and truncates between calls, of whichever thread.
        self._lock = threading.Lock()
        self.max_tokens: int = self._model.max_seq_length or self._tokenizer.model_max_length
        self.special_tokens: int = self._tokenizer.num_special_tokens_to_add()
        self.vocabulary = len(self._tokenizer)
        self.unknown: str | None = self._tokenizer.unk_token
        self.prompts: Mapping[str, str] = self._model.prompts
        self.dimension: int = self.encode(self.tokenise(["dimension"])).shape[1]
        self.pools_by_mean: bool = self._tokenizer.is_fast and [
            getattr(module, "pooling_mode", type(module).__name__) for module in self._model
        ] in (["Transformer", "mean"], ["Transformer", "mean", "Normalize"])

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, as the vocabulary writes them."""
        with self._lock:
            found: list[str] = self._tokenizer.tokenize(text)
        return found

    def tokenise(self, texts: Sequence[str], prompt: str = "") -> Tokenised:
        """The texts, which the model takes itself, with the number of tokens of each."""
        if not texts:
            return Tokenised([], [], prompt)
        whole = [prompt + text for text in texts]
        with self._lock:
            encoded = self._tokenizer(whole, add_special_tokens=False, verbose=False)
        return Tokenised(texts, [len(ids) for ids in encoded["input_ids"]], prompt)

    def encode(self, texts: Tokenised, exact: bool = True) -> Vectors:
        """Unit rows; what is too long is cut. The whole model has one precision."""
        with self._lock:
            rows = self._model.encode(
                list(texts.read), prompt=texts.prompt, batch_size=_BATCH, normalize_embeddings=True,
                convert_to_numpy=True, show_progress_bar=False,
            )  # fmt: skip
        return np.ascontiguousarray(rows, np.float32)

    def encode_tokens(self, texts: Tokenised) -> Iterator[TokenVectors]:
        """The rows of the texts and of their tokens."""
        with self._lock:
            read = self._model.encode(
                list(texts.read), prompt=texts.prompt, batch_size=_BATCH, output_value=None,
                show_progress_bar=False,
            )  # fmt: skip
            places = self._tokenizer(
                [texts.prompt + text for text in texts.read],
                max_length=self.max_tokens, truncation=True, return_offsets_mapping=True,
            )["offset_mapping"]  # fmt: skip
        for outputs, of_tokens in zip(read, places, strict=True):
            whole, tokens = (
                outputs[name].float().numpy(force=True)
                for name in ("sentence_embedding", "token_embeddings")
            )
            yield TokenVectors(whole, tokens[: len(of_tokens)], np.array(of_tokens))


def _load(name: str, location: Path | str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    try:
        with no_progress_bar():
            # A folder is read as it is; only a name that is no folder may ask a model hub.
            return SentenceTransformer(str(location), local_files_only=Path(location).is_dir())
    except Exception as error:
        raise EncoderError(
            f"The encoder {name!r} could not be loaded ({first_line(error)}). Give the folder "
            "of a sentence-transformers model, or a model's name and a connection."
        ) from error


def _native_precision(device: str) -> str:
    """ "bfloat16" where the device has units for its products, else "float32"."""
    import torch

    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    # AVX-512 alone computes bfloat16 too, but was measured slower in torch than float32.
    capabilities = torch.cpu.get_capabilities() if device == "cpu" else {}
    return "bfloat16" if capabilities.get("amx_bf16") else "float32"
