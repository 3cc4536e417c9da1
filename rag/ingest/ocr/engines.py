"""Recognise the text of a picture with what is installed: rapidocr (the extra "ocr"), tesseract.

rapidocr carries its models in its package and fetches nothing; OpenVINO runs them, as it does
Byline's own. tesseract, a program of its own, is asked for pages of which rapidocr is unsure, in
the languages that it has data for.
"""

from __future__ import annotations

import csv
import functools
import importlib.util
import io
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rag.ingest.encoding import fit
from rag.ingest.failure import Unreadable
from rag.ingest.ocr.reading_order import Line, in_order
from rag.wording import note

if TYPE_CHECKING:
    from PIL.Image import Image

SURE = 0.8
"""A certainty from which on no other engine is asked, and no remark is made of a page."""
FEW = 40
"""Letters and digits that are too few for the text of a page: a stamp, the number of a page."""
_LEAST = 0.5
"""Lines of less certainty are no text: a drawing, a stain. They lower the certainty of a page."""
_SECONDS = 120
_LANGUAGES = 4
"""Languages in which tesseract reads a page at most: each makes it slower."""

_LOCK = threading.Lock()
"""rapidocr reads one picture at a time."""

Engine: TypeAlias = "Callable[[Image], list[Line]]"


class Recognised(NamedTuple):
    """The text of a picture, line by line in the order of reading, and how sure of it the engine
    is, 0 to 1."""

    text: str
    certainty: float


@functools.cache
def engines() -> tuple[Engine, ...]:
    """The engines that are installed."""
    found: list[Engine] = []
    if importlib.util.find_spec("PIL") is None:
        return ()
    if importlib.util.find_spec("rapidocr") is not None:
        found.append(_rapidocr())
    if (program := shutil.which("tesseract")) and (languages := _languages(program)):
        found.append(functools.partial(_tesseract, program, languages))
    return tuple(found)


def recognise(image: Image, chosen: Sequence[Engine] | None = None) -> Recognised:
    """Recognise the text of a picture: with the first engine that is sure of a text, else with the
    one that probably has most letters right. One that does not know a script sees no letters.

    Raises Unreadable where an engine fails.
    """
    best = Recognised("", 0.0)
    for engine in engines() if chosen is None else chosen:
        try:
            found = _judged(engine(image))
        except Exception as error:  # Of a package that is there, and does not run here.
            why = " ".join(str(error).split())[:200]
            raise Unreadable(note("recognition_failed", error=why)) from error
        best = max(best, found, key=lambda one: one.certainty * letters_in(one.text))
        if best.certainty >= SURE and letters_in(best.text) >= FEW:
            break
    return best


def letters_in(text: str) -> int:
    return sum(c.isalnum() for c in text)


def _judged(lines: Sequence[Line]) -> Recognised:
    """The lines that are text, in order, and the mean certainty of all, by their lengths."""
    letters = sum(len(line.text) for line in lines)
    certainty = sum(len(line.text) * line.certainty for line in lines) / max(1, letters)
    text = in_order([line for line in lines if line.certainty >= _LEAST])
    return Recognised(fit(text), certainty)


def _rapidocr() -> Engine:
    """rapidocr with OpenVINO, loaded when it is first asked."""

    @functools.cache
    def loaded() -> Any:
        from rapidocr import EngineType, RapidOCR

        runtime = {f"{part}.engine_type": EngineType.OPENVINO for part in ("Det", "Cls", "Rec")}
        return RapidOCR(params={"Global.log_level": "error", "Global.text_score": 0.0, **runtime})

    def lines(image: Image) -> list[Line]:
        with _LOCK:
            found = loaded()(image)
        if found.boxes is None:
            return []
        texts = zip(found.boxes.tolist(), found.txts, found.scores, strict=True)
        return [
            Line(
                " ".join(text.split()),
                float(score),
                min(x for x, _ in box),
                min(y for _, y in box),
                max(x for x, _ in box),
                max(y for _, y in box),
            )
            for box, text, score in texts
            if text.strip()
        ]

    return lines


def _languages(program: str) -> str:
    """The languages that tesseract has data for, as it takes them ("eng+fra"); "" for none."""
    try:
        told = subprocess.run(
            [program, "--list-langs"], capture_output=True, text=True, timeout=_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    names = [name.strip() for name in told.splitlines()[1:]]
    return "+".join([name for name in names if name and name != "osd"][:_LANGUAGES])


def _tesseract(program: str, languages: str, image: Image) -> list[Line]:
    """What tesseract reads; nothing where it fails."""
    picture = io.BytesIO()
    image.save(picture, "PNG")
    try:
        told = subprocess.run(
            [program, "stdin", "stdout", "-l", languages, "tsv"],
            input=picture.getvalue(), capture_output=True, timeout=_SECONDS, check=True,
        ).stdout.decode("utf-8", "replace")  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return []
    rows: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(told), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5" and row["text"].strip():
            line = tuple(row[name] for name in ("block_num", "par_num", "line_num"))
            rows.setdefault(line, []).append(row)
    return [_line(words) for words in rows.values()]


def _line(words: Sequence[dict[str, str]]) -> Line:
    """A line of the words that tesseract gives, each with its box and its confidence, 0 to 100."""
    boxes = [
        tuple(float(word[name]) for name in ("left", "top", "width", "height", "conf"))
        for word in words
    ]
    return Line(
        " ".join(word["text"] for word in words),
        sum(box[4] for box in boxes) / len(boxes) / 100,
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[0] + box[2] for box in boxes),
        max(box[1] + box[3] for box in boxes),
    )
