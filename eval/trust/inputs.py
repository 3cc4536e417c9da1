"""Makes inputs of true ones, and has every reader and the parser of questions read them."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import signal
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from tqdm import tqdm

from eval.datasets.gold import ARTICLES
from eval.trust.seeds import packed, seeds
from eval.trust.trials import Found, Plan
from rag import read_articles
from rag.question.parse import QuestionParser
from rag.question.rewrite import understand

_SECONDS = 20
"""Of processor time: an input that takes longer is a fault."""
_KEEP_EVERY = 50
_TOKENS = (
    b"\x00", b"\xff\xfe", b"\x1b[2J", b"\xe2\x80\xae", b"<!--", b"]]>", b"%PDF-", b"PK\x03\x04",
    b"{\\rtf1", b'{"a":' * 40, b"[" * 400, b"-1", b"9" * 400, b"\r\n.\r\n", b"From a@b\n", b"=?x?",
    b"Content-Type: multipart/mixed; boundary=x\n", b"<svg>", b"&#x110000;", b"31 December 9999",
    b"0000-00-00", b"\xed\xa0\x80", b"WARC/1.0", b"\x1f\x8b\x08", b"WEBVTT",
)  # fmt: skip
_NAMES = (
    "../../etc/passwd", "/a.txt", "C:\\a.txt", "a\\..\\b.txt", "a/" * 200 + "a.txt", "con.txt",
    "\u202etxt.a", "a\x1b[2Jb.html", "word/document.xml", "content.xml", "mimetype", "a.zip", " ",
    "\U0001f600.eml", "n" * 300 + ".txt", "a.txt/",
)  # fmt: skip
"""Names that a member of a zip may have."""


def measure(plan: Plan, found: Found) -> None:
    with tempfile.TemporaryDirectory() as folder:
        contents = seeds()
        texts = [one.text for one in read_articles(ARTICLES)]
        parser = QuestionParser({"The Post", "Radio Mekong"}, range(2000, 2030))
        before = signal.signal(signal.SIGPROF, _late)
        try:
            for number in tqdm(range(found.tried, plan.size), "inputs", disable=None):
                chance = plan.chance(number)
                if number % 4 == 0:
                    _try(number, found, "question", lambda: _ask(chance, texts, parser))  # noqa: B023
                else:
                    suffix, content = _altered(chance, contents)
                    path = Path(folder) / f"input{suffix}"
                    path.write_bytes(content)
                    _try(number, found, suffix, lambda: _read(path, found))  # noqa: B023
                found.tried += 1
                if not found.tried % _KEEP_EVERY:
                    plan.keep(found)
        finally:
            signal.signal(signal.SIGPROF, before)
        plan.keep(found)


class _Late(BaseException):
    """An input took too long; no exception that a reader may handle."""


def _late(number: int, frame: FrameType | None) -> None:
    raise _Late(f"more than {_SECONDS} seconds")


def _try(number: int, found: Found, kind: str, read: Callable[[], object]) -> None:
    found.count(kind)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            signal.setitimer(signal.ITIMER_PROF, _SECONDS)
            try:
                read()
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
    except (Exception, _Late) as error:
        found.fault(f"input {number} ({kind}): {error!r}")
    if said := printed.getvalue():
        found.fault(f"input {number} ({kind}): what reads it prints {said!r}")


def _read(path: Path, found: Found) -> None:
    """Read a file: it gives articles, or a reason why it does not."""
    reader = read_articles([path])
    articles = list(reader)
    if not articles and not reader.failures:
        raise ValueError("it gives neither articles nor a reason")
    found.count("files read" if articles else "files refused, with a reason")
    for one in reader.failures:
        if not (str(one.file).strip() and str(one.reason).strip()):
            raise ValueError(f"a failure without a name or a reason: {one}")


def _altered(chance: random.Random, contents: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """A file of the seeds with up to four alterations, of a packed one mostly in what is packed;
    now and then under another ending."""
    suffix, content = chance.choice(contents)
    if chance.randrange(4) and content.startswith(b"PK"):
        content = _repacked(chance, content, contents)
    elif chance.randrange(4) and content.startswith(b"\x1f\x8b"):
        content = gzip.compress(_changed(chance, gzip.decompress(content), contents), 1)
    else:
        content = _changed(chance, content, contents)
    if not chance.randrange(8):
        suffix = chance.choice(contents)[0]
    return suffix, content


def _repacked(chance: random.Random, content: bytes, contents: list[tuple[str, bytes]]) -> bytes:
    """A zip of which a member is altered, or has another name."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        members = {one: bundle.read(one) for one in bundle.namelist()}
    name = chance.choice(list(members))
    member = members.pop(name)
    if chance.randrange(5):
        members[name] = _changed(chance, member, contents)
    else:
        members[chance.choice(_NAMES)] = member
    return packed(members)


def _changed(chance: random.Random, content: bytes, contents: list[tuple[str, bytes]]) -> bytes:
    """A content with up to four alterations."""
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
    return bytes(data)


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
