"""The readers: models that read a question and a passage together, for the sentence that answers.

Beside this code are the weights of Byline's own reader; README.md tells what it was trained on.
"""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError

from rag.errors import EncoderError, first_line
from rag.models.reader.joint_reader import JointReader
from rag.models.reader.pair_reader import PairReader
from rag.models.reader.span_reader import SpanReader
from rag.models.weights import checksum
from rag.protocols import SentenceReader

_OWN = "byline"
FOLDER = Path(__file__).parent
"""That of Byline's own reader."""
_SHA256 = "e33b75d1a63def00a742a8e1f8892aae739b15f6a6f3f9b582eecc3859c42471"


def load(name: str, precision: str) -> SentenceReader:
    """Byline's own reader ("byline"), or by name or path an extractive question-answering model
    or a CrossEncoder.

    `precision` is as the index was built with: "auto", "float32", "bfloat16" or "int8". Raises
    EncoderError when it cannot be loaded.
    """
    if name == _OWN:
        return _own(precision)
    from transformers import AutoConfig  # It takes seconds.

    try:
        config = AutoConfig.from_pretrained(name, local_files_only=Path(name).is_dir())
        kinds = getattr(config, "architectures", None) or [""]
        if kinds[0].endswith("ForQuestionAnswering"):
            return SpanReader(name, precision)
        return PairReader(name)
    except Exception as error:
        raise EncoderError(
            f"The reader {name!r} could not be loaded ({first_line(error)}). Give the folder of a "
            "question-answering model or a CrossEncoder, or a model's name and a connection."
        ) from error


def _own(precision: str) -> JointReader:
    """Byline's own reader, its weights checked."""
    again = "Install Byline again, or ask without a reader."
    found = checksum(FOLDER / "model.safetensors")
    if found != _SHA256:
        raise EncoderError(
            f"The weights of Byline's reader are not the published ones (SHA-256 {found[:12]}…, "
            f"expected {_SHA256[:12]}…). {again}"
        )
    try:
        return JointReader(_OWN, FOLDER, precision)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        message = f"Byline's reader could not be loaded ({first_line(error)}). {again}"
        raise EncoderError(message) from error
