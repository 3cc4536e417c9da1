"""The readers: models that read a question and a passage together, for the sentence that answers.

Beside this code are the weights of Byline's own reader; README.md tells what it was trained on.
"""

from __future__ import annotations

from pathlib import Path

from rag.errors import EncoderError, first_line
from rag.models.reader.pair_reader import PairReader
from rag.models.reader.span_reader import SpanReader
from rag.models.weights import checksum
from rag.protocols import SentenceReader

_OWN = "byline"
_FOLDER = Path(__file__).parent
_SHA256 = "550d5b362f0584e345c75ee7e21c6c588cdda1f962cb0305397ea9856b76b504"


def load(name: str, precision: str) -> SentenceReader:
    """Byline's own reader ("byline"), or by name or path an extractive question-answering model
    or a CrossEncoder.

    `precision` is "float32" or "bfloat16". Raises EncoderError when it cannot be loaded.
    """
    from transformers import AutoConfig

    folder = _own() if name == _OWN else name
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=Path(folder).is_dir())
        kinds = getattr(config, "architectures", None) or [""]
        if kinds[0].endswith("ForQuestionAnswering"):
            return SpanReader(name, folder, precision)
        return PairReader(str(folder))
    except Exception as error:
        raise EncoderError(
            f"The reader {name!r} could not be loaded ({first_line(error)}). Give the folder of a "
            "question-answering model or a CrossEncoder, or a model's name and a connection."
        ) from error


def _own() -> Path:
    """The folder of Byline's own reader, its weights checked."""
    found = checksum(_FOLDER / "model.safetensors")
    if found != _SHA256:
        raise EncoderError(
            f"The weights of Byline's reader are not the published ones (SHA-256 {found[:12]}…, "
            f"expected {_SHA256[:12]}…). Install Byline again, or ask without a reader."
        )
    return _FOLDER
