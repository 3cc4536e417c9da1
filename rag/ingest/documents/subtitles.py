"""Read subtitles and transcripts with times (SRT, WebVTT) as running text.

Owns how cues are joined: the lines of cues go on in the next, and a paragraph ends where another
one speaks, or where a sentence is followed by a silence. The times are left out. Speakers that the
file names stand before what they say ("Mara Dolin: We had no choice."). A line that a rolling
display shows again is read once.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator

from rag.ingest.encoding import fit
from rag.ingest.failure import Failure, Found, Unreadable
from rag.ingest.source import Source
from rag.types import Article
from rag.wording import note

_TIME = r"[ \t]*(?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3}[ \t]*"
_SRT = re.compile(rf"\s*(?P<number>\d+[ \t]*\n)?{_TIME}-->{_TIME}")
_SBV = re.compile(rf"\s*{_TIME},{_TIME}\n")
_COMMA = re.compile(r"(?<=:\d\d),(?=\d{3}[ \t]*(?:-->|$))", re.MULTILINE)
_VTT = re.compile(r"\ufeff?WEBVTT(?:[ \t\n]|$)")
_ARROW = re.compile(r"^[^\n]*-->", re.MULTILINE)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>]{1,200})>")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]{0,200}>|\{\\[^{}]{0,200}\}")
_TURN = re.compile(r"(?:>>+|[-–—])[ \t]*(?=[^\W\d_]|[\"'“‘«])")
_SILENCE = 2.0
"""Seconds between two cues that end a paragraph."""
_SENTENCE_END = re.compile(r"[.!?…។۔。！？][\"'”’»)\]]*$")


def is_srt(text: str) -> bool:
    return _SRT.match(text, 0, 1000) is not None


def is_sbv(text: str) -> bool:
    return _SBV.match(text, 0, 1000) is not None


def is_vtt(text: str) -> bool:
    return _VTT.match(text) is not None


def read_srt(source: Source, text: str) -> Iterator[Found]:
    """Yield the words of SRT subtitles as one article. Raises Unreadable."""
    start = _SRT.match(text)
    if start and not start["number"]:  # Then they differ from WebVTT in the commas of times.
        return _read(source, f"WEBVTT\n\n{_COMMA.sub('.', text)}", "vtt")
    return _read(source, text.lstrip(), "srt")


def read_sbv(source: Source, text: str) -> Iterator[Found]:
    """Yield the words of YouTube's subtitles as one article. Raises Unreadable."""
    return _read(source, text.lstrip(), "sbv")


def read_vtt(source: Source, text: str) -> Iterator[Found]:
    """Yield the words of WebVTT subtitles as one article. Raises Unreadable."""
    title = re.sub(r"^\ufeff?WEBVTT[ \t]*[-–—:]?[ \t]*", "", text.split("\n", 1)[0])
    return _read(source, text, "vtt", fit(title).strip())


def _read(source: Source, text: str, form: str, title: str = "") -> Iterator[Found]:
    import webvtt

    try:
        cues = webvtt.WebVTT.from_buffer(io.StringIO(text), format=form).captions
        shown = [(_seconds(cue.start), _seconds(cue.end), cue.raw_text) for cue in cues]
    except Exception:  # Of several kinds, for what is no list of cues.
        raise Unreadable(note("subtitles_broken")) from None
    body = "\n\n".join(_paragraphs(shown))
    if not body:
        raise Unreadable(note("subtitles_broken"))
    yield Article(body, title=title, origin=source.name)
    lost = len(_ARROW.findall(text)) - len(cues)
    if lost > 0:
        yield Failure(source.name, note("cues_lost", n=lost))


def _paragraphs(cues: list[tuple[float, float, str]]) -> Iterator[str]:
    """The paragraphs of cues: (start, end, lines with their tags)."""
    joined: list[str] = []
    speaker = last = ""
    until = 0.0
    for start, end, raw in cues:
        for line in raw.split("\n"):
            voice, said = _said(line)
            if not said or said == last:
                continue
            last = said
            ended = not joined or _SENTENCE_END.search(joined[-1])
            turn = _TURN.match(said) if ended else None
            said = said[turn.end() :] if turn else said
            turned = turn or (voice and voice != speaker)
            if joined and (turned or (ended and start - until > _SILENCE)):
                yield " ".join(joined)
                joined = []
            if voice and voice != speaker:
                said = f"{voice}: {said}"
            speaker = voice or speaker
            joined.append(said)
        until = max(until, end)
    if joined:
        yield " ".join(joined)


def _said(line: str) -> tuple[str, str]:
    """The speaker that a line names, and its words."""
    voice = _VOICE.search(line)
    words = " ".join(fit(html.unescape(_TAG.sub("", line))).split())
    return " ".join(html.unescape(voice[1]).split()) if voice else "", words


def _seconds(stamp: str) -> float:
    seconds = 0.0
    for part in stamp.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
