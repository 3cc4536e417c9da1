"""Makes inputs of true ones, and has every reader and the parser of questions read them."""

from __future__ import annotations

import random
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from tqdm import tqdm

from eval.datasets.gold import ARTICLES
from eval.reading import made
from eval.trust.trials import Found, Plan
from rag import read_articles
from rag.errors import BylineError
from rag.question.parse import QuestionParser
from rag.question.rewrite import understand

_SEEDS = 100
"""Articles of which the files are made that are altered."""
_SECONDS = 20
"""An input that takes longer is a fault."""
_KEEP_EVERY = 500
_TOKENS = (
    b"\x00", b"\xff\xfe", b"\x1b[2J", b"\xe2\x80\xae", b"<!--", b"]]>", b"%PDF-", b"PK\x03\x04",
    b"{\\rtf1", b'{"a":' * 40, b"[" * 400, b"-1", b"9" * 400, b"\r\n.\r\n", b"From a@b\n", b"=?x?",
    b"Content-Type: multipart/mixed; boundary=x\n", b"<svg>", b"&#x110000;", b"31 December 9999",
    b"0000-00-00", b"\xed\xa0\x80", b"WARC/1.0", b"\x1f\x8b\x08", b"WEBVTT",
)  # fmt: skip


def measure(plan: Plan, found: Found) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made.make(Path(folder) / "seeds", _SEEDS)
        bundled = [one for one in ARTICLES.rglob("*") if one.is_file()]
        seeds = sorted(one for one in (Path(folder) / "seeds").rglob("*") if one.is_file())
        contents = [(one.suffix, one.read_bytes()) for one in [*seeds, *bundled]]
        texts = [one.text for one in read_articles(ARTICLES)]
        parser = QuestionParser({"The Post", "Radio Mekong"}, range(2000, 2030))
        before = signal.signal(signal.SIGALRM, _late)
        try:
            for number in tqdm(range(found.tried, plan.size), "inputs", disable=None):
                chance = plan.chance(number)
                if number % 4 == 0:
                    _try(number, found, "question", lambda: _ask(chance, texts, parser))  # noqa: B023
                else:
                    suffix, content = _altered(chance, contents)
                    path = Path(folder) / f"input{suffix}"
                    path.write_bytes(content)
                    _try(number, found, suffix, lambda: list(read_articles([path])))  # noqa: B023
                found.tried += 1
                if not found.tried % _KEEP_EVERY:
                    plan.keep(found)
        finally:
            signal.signal(signal.SIGALRM, before)
        plan.keep(found)


class _Late(Exception):
    """An input took too long."""


def _late(number: int, frame: FrameType | None) -> None:
    raise _Late(f"more than {_SECONDS} seconds")


def _try(number: int, found: Found, kind: str, read: Callable[[], object]) -> None:
    found.count(kind)
    signal.alarm(_SECONDS)
    try:
        read()
    except BylineError:
        found.count("refused")
    except Exception as error:
        found.fault(f"input {number} ({kind}): {error!r}")
    finally:
        signal.alarm(0)


def _altered(chance: random.Random, contents: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """A file of the seeds with up to four alterations; now and then under another ending."""
    suffix, content = chance.choice(contents)
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(6)
        if kind == 0 and data:
            data[min(at, len(data) - 1)] ^= chance.randrange(1, 256)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            data[at:at] = chance.choice(_TOKENS)
        elif kind == 3:
            data[at:at] = data[at : at + chance.randrange(400)] * chance.randint(1, 9)
        elif kind == 4:
            other = chance.choice(contents)[1]
            data[at:] = other[chance.randrange(len(other) + 1) :]
        else:
            del data[at : at + chance.randrange(400)]
    if not chance.randrange(8):
        suffix = chance.choice(contents)[0]
    return suffix, bytes(data)


def _ask(chance: random.Random, texts: list[str], parser: QuestionParser) -> None:
    """Parse a question of pieces of articles, with earlier turns of the same kind."""
    question, earlier, reply = (_question(chance, texts) for _ in range(3))
    understand(question[:1000], [(earlier, reply * 20)])
    parser.parts(question[:1000])


def _question(chance: random.Random, texts: list[str]) -> str:
    pieces = []
    for _ in range(chance.randint(1, 6)):
        text = chance.choice(texts)
        at = chance.randrange(len(text))
        pieces.append(text[at : at + chance.randrange(60)])
        pieces.append(chance.choice(_TOKENS).decode("utf-8", "replace"))
        pieces.append(chance.choice(("Who", " and ", "?", " since 2024", "“", '"', " in ", "\n")))
    return "".join(pieces)
